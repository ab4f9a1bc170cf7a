//! Draws the state.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Clear, Paragraph, Wrap};

use crate::report::words::{count, cut, instruction, percent, size};
use crate::study::Browsed;

use super::keys::HELP;
use super::marks::Mark;
use super::model::Place;
use super::rows::Change;
use super::state::{Focus, State};

/// Draws everything; without colours when `is_plain`.
pub(super) fn draw(frame: &mut Frame<'_>, state: &mut State, browsed: &Browsed, is_plain: bool) {
    let paint = Paint { is_plain };
    let whole = Layout::vertical([Constraint::Min(4), Constraint::Length(1)]);
    let [body, foot] = whole.areas(frame.area());
    let [left, right] =
        Layout::horizontal([Constraint::Percentage(42), Constraint::Percentage(58)]).areas(body);
    let wanted = u16::try_from(browsed.layers.len()).unwrap_or(u16::MAX);
    let list = wanted.saturating_add(3).clamp(5, left.height / 2 + 2);
    let [layers, details] =
        Layout::vertical([Constraint::Length(list), Constraint::Min(3)]).areas(left);
    draw_layers(frame, layers, state, browsed, paint);
    draw_details(frame, details, state, browsed);
    draw_tree(frame, right, state, paint);
    draw_foot(frame, foot, state, paint);
    if state.help {
        draw_help(frame, paint);
    }
}

#[derive(Clone, Copy)]
struct Paint {
    is_plain: bool,
}

impl Paint {
    fn colour(self, colour: Color) -> Style {
        if self.is_plain {
            Style::new()
        } else {
            Style::new().fg(colour)
        }
    }

    fn change(self, change: Option<Change>) -> Style {
        match change {
            Some(Change::Added) => self.colour(Color::Green),
            Some(Change::Removed) => self.colour(Color::Red),
            Some(Change::Modified) => self.colour(Color::Yellow),
            _ => Style::new(),
        }
    }

    fn frame(self, title: String, has_focus: bool) -> Block<'static> {
        let style = match has_focus {
            true => self.colour(Color::Cyan).add_modifier(Modifier::BOLD),
            false => Style::new().add_modifier(Modifier::DIM),
        };
        Block::new()
            .borders(Borders::TOP)
            .border_style(style)
            .title(Span::styled(title, style))
    }
}

fn draw_layers(frame: &mut Frame<'_>, area: Rect, state: &State, browsed: &Browsed, paint: Paint) {
    let has_focus = state.focus == Focus::Layers;
    let title = if state.aggregate {
        " Layers: the base, and all up to the chosen one "
    } else {
        " Layers: what the chosen one did "
    };
    let block = paint.frame(title.into(), has_focus);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let height = usize::from(inner.height).saturating_sub(1).max(1);
    let top = (state.layer + 1).saturating_sub(height);
    let mut lines = vec![Line::styled(
        "   #      size  instruction",
        Style::new().add_modifier(Modifier::DIM),
    )];
    let shown = browsed.layers.iter().enumerate().skip(top).take(height);
    for (number, layer) in shown {
        let range = state.range();
        let is_taken = range.start <= number && number < range.end;
        let mark = if is_taken { '▌' } else { ' ' };
        let created_by = layer.instruction.as_deref().unwrap_or("(no history)");
        let text = format!(
            "{mark}{number:>3}  {:>8}  {}",
            size(layer.uncompressed),
            instruction(created_by)
        );
        let mut style = Style::new();
        if number == state.layer {
            style = style.add_modifier(if has_focus {
                Modifier::REVERSED
            } else {
                Modifier::BOLD
            });
        }
        lines.push(Line::styled(cut(&text, inner.width.into()), style));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

fn draw_details(frame: &mut Frame<'_>, area: Rect, state: &State, browsed: &Browsed) {
    let block = Block::new().borders(Borders::TOP).title(" Details ");
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let mut lines = Vec::new();
    let dim = Style::new().add_modifier(Modifier::DIM);
    let mut row = |word: &str, text: String| {
        lines.push(Line::from(vec![
            Span::styled(format!("{word:<12}"), dim),
            Span::raw(text),
        ]));
    };
    let totals = &browsed.totals;
    row(
        "image",
        format!(
            "{} ({})",
            browsed.name.as_deref().unwrap_or("without a name"),
            browsed.platform
        ),
    );
    row(
        "visible",
        format!(
            "{} of {} unpacked",
            size(totals.visible),
            size(totals.uncompressed)
        ),
    );
    row(
        "wasted",
        format!(
            "{}, efficiency {}",
            size(totals.wasted),
            percent(totals.efficiency)
        ),
    );
    row(
        "dive says",
        format!(
            "{}, efficiency {}",
            size(browsed.dive.wasted),
            percent(browsed.dive.efficiency)
        ),
    );
    if let Some(layer) = browsed.layers.get(state.layer) {
        let hex = layer.digest.trim_start_matches("sha256:");
        row("layer", format!("{}, sha256 {}", state.layer, cut(hex, 24)));
        if layer.compressed != layer.uncompressed {
            row("stored", size(layer.compressed));
        }
        let created_by = layer.instruction.as_deref().unwrap_or("(no history)");
        row("instruction", instruction(created_by));
    }
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), inner);
}

fn draw_tree(frame: &mut Frame<'_>, area: Rect, state: &mut State, paint: Paint) {
    let has_focus = state.focus == Focus::Tree;
    let shown: Vec<&str> = Change::ALL
        .into_iter()
        .filter(|&change| state.filter.changes[change as usize])
        .map(Change::name)
        .collect();
    let mut title = match shown.len() {
        4 => " Files".to_owned(),
        0 => " Files: all hidden".to_owned(),
        _ => format!(" Files: {}", shown.join(", ")),
    };
    if state.filter.wasted {
        title.push_str(", wasted bytes only");
    }
    if state.filter.by_size {
        title.push_str(", by size");
    }
    title.push(' ');
    let block = paint.frame(title, has_focus);
    let inner = block.inner(area);
    frame.render_widget(block, area);
    state.height = usize::from(inner.height).saturating_sub(1).max(1);
    state.scroll();
    let width = usize::from(inner.width);
    let mut lines = vec![heads(state)];
    let rows = state.rows.iter().enumerate();
    for (number, &place) in rows.skip(state.top).take(state.height) {
        let mut line = line(state, place, paint, width);
        if number == state.cursor && has_focus {
            line = line.style(Style::new().add_modifier(Modifier::REVERSED));
        }
        lines.push(line);
    }
    if state.rows.is_empty() {
        lines.push(Line::raw("  nothing to show: see the filters above"));
    }
    frame.render_widget(Paragraph::new(lines), inner);
}

fn heads(state: &State) -> Line<'static> {
    let bytes = if state.filter.wasted {
        "wasted"
    } else {
        "size"
    };
    let text = if state.attributes {
        format!("   mode        owner       {bytes:>8}  path")
    } else {
        "   path".into()
    };
    Line::styled(text, Style::new().add_modifier(Modifier::DIM))
}

fn line(state: &State, place: Place, paint: Paint, width: usize) -> Line<'static> {
    let (node, look) = (&state.model.nodes[place], state.looks[place]);
    let range = state.range();
    let thing = state
        .model
        .thing(place, range.end)
        .or_else(|| state.model.thing(place, range.start));
    let mark = match state.marks.get(&place) {
        Some(Mark::Remove) => 'x',
        Some(Mark::Keep) => 'K',
        None => ' ',
    };
    let sign = look.change.map_or('·', Change::sign);
    let mut text = format!("{mark}{sign} ");
    if state.attributes {
        let (mode, owner) = thing.map_or(("-", "-"), |thing| (&thing.mode, &thing.owner));
        let bytes = if state.filter.wasted {
            look.wasted
        } else {
            look.bytes
        };
        text.push_str(&format!("{mode:<10}  {owner:<10}  {:>8}  ", size(bytes)));
    }
    text.push_str(&"  ".repeat(node.depth.saturating_sub(1)));
    text.push_str(match (look.is_dir, state.is_open(place)) {
        (true, true) => "▾ ",
        (true, false) => "▸ ",
        (false, _) => "  ",
    });
    text.push_str(&node.name);
    if look.is_dir {
        text.push('/');
    }
    if let Some(target) = thing.and_then(|thing| thing.target.as_deref()) {
        text.push_str(&format!(" → {target}"));
    }
    Line::styled(cut(&text, width), paint.change(look.change))
}

fn draw_foot(frame: &mut Frame<'_>, area: Rect, state: &State, paint: Paint) {
    let text = if state.searching {
        format!(
            " search: {}█  (Enter: to the rows, Esc: no search)",
            state.filter.text
        )
    } else if !state.message.is_empty() {
        format!(" {}", state.message)
    } else {
        // What is true now comes first: a narrow screen cuts the end.
        let marked = match state.marks.len() {
            0 => String::new(),
            marks => format!(" {} marked, w writes ", count(marks as u64)),
        };
        let found = match &state.filter.text[..] {
            "" => String::new(),
            text => format!(" search: {text} (Esc ends it) "),
        };
        format!(
            "{marked}{found} ? help  Tab pane  Space open  1-5 filters  a/L layers  s size  / search  x mark  q leave"
        )
    };
    let style = paint.colour(Color::Cyan);
    frame.render_widget(Paragraph::new(Line::styled(text, style)), area);
}

fn draw_help(frame: &mut Frame<'_>, paint: Paint) {
    let whole = frame.area();
    let height = u16::try_from(HELP.len() + 3).unwrap_or(u16::MAX);
    let area = Rect {
        width: whole.width.min(86),
        height: whole.height.min(height),
        ..whole
    };
    let area = Rect {
        x: (whole.width - area.width) / 2,
        y: (whole.height - area.height) / 2,
        ..area
    };
    let mut lines: Vec<Line<'_>> = HELP
        .iter()
        .map(|(keys, what)| Line::raw(format!(" {keys:<22} {what}")))
        .collect();
    lines.push(Line::raw(
        " + added   - removed   ~ modified   · hidden now   any key goes back",
    ));
    let block = Block::new()
        .borders(Borders::ALL)
        .border_style(paint.colour(Color::Cyan))
        .title(" Keys ");
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

#[cfg(test)]
mod tests;
