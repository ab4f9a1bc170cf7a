#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <iconv.h>
#include <iostream>
#include <locale>
#include <netdb.h>
#include <pthread.h>
#include <pwd.h>
#include <stdexcept>
#include <unistd.h>

static void *wait(void *) { for (;;) sleep(1); }

int main()
{
    pthread_t thread;
    pthread_create(&thread, nullptr, wait, nullptr);
    pthread_cancel(thread);
    pthread_join(thread, nullptr);
    void *z = dlopen("libz.so.1", RTLD_NOW);
    std::cout << "cancelled " << (z != nullptr) << ' ' << (iconv_open("UTF-16", "KOI8-R") != (iconv_t)-1) << '\n';
    addrinfo *found = nullptr;
    std::cout << getaddrinfo("localhost", "https", nullptr, &found) << ' ' << (getpwnam("daemon") != nullptr) << '\n';
    std::cout << (setlocale(LC_ALL, "de_DE.UTF-8") ? localeconv()->decimal_point : "none") << '\n';
    try { throw std::runtime_error("thrown"); } catch (std::exception &e) { std::cout << e.what() << '\n'; }
    std::cout << std::flush;
    return system("test -d /etc && exit 3") >> 8;
}
