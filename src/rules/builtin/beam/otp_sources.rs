//! Takes sources, examples, documentation and headers of Erlang/OTP.

use crate::rules::rule::{Level, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "otp-sources",
    level: Level::Standard,
    summary: "Takes sources, examples, documentation and headers of Erlang/OTP.",
    caveat: "Compiling Erlang fails; debuggers show no source of OTP.",
    source: "docker-library/erlang slim images",
    remove: &[
        "usr/{,local/}lib{,64}/erlang/lib/*/{src,examples,doc,include,c_src,emacs}",
        "usr/{,local/}lib{,64}/erlang/{man,doc}",
    ],
    when: &[When::RunsNone(&["mix", "rebar3", "erlc", "iex", "erl"])],
    fires: &[
        "usr/local/lib/erlang/lib/kernel-9.2/src/code.erl",
        "usr/lib/erlang/man/man1/erl.1",
    ],
    spares: &["usr/local/lib/erlang/lib/kernel-9.2/ebin/code.beam"],
    ..Rule::PLAIN
};
