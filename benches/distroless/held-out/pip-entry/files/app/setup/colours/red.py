def shade():
    return "crimson"
