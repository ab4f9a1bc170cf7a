#include <iconv.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int count, char **arguments)
{
    time_t then = 1700000000;
    struct passwd *user = getpwnam("www-data");
    char text[64];
    if (count > 1)
        setenv("TZ", arguments[1], 1);
    strftime(text, sizeof text, "%H:%M %Z", localtime(&then));
    printf("%s %s %d\n", text, user ? user->pw_dir : "nobody", iconv_open("UTF-8", "ISO-8859-1") != (iconv_t)-1);
    return 7;
}
