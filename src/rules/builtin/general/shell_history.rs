//! Takes what was typed at prompts, and what shells and editors note in homes.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "shell-history",
    level: Level::Safe,
    summary: "Takes what was typed at prompts, and what shells and editors note in homes.",
    caveat: "None known.",
    source: "by many image scanners",
    remove: &[
        "~/.{bash,zsh,ash,python,node_repl,psql,mysql,mariadb,irb,rediscli,sqlite,R,php,lua,octave,erlang}_history",
        "~/.{sh_history,histfile,Rhistory,viminfo,lesshst,wget-hsts,sudo_as_admin_successful,zcompdump*}",
        "~/.cache/{vim,mc,motd.legal-displayed}",
    ],
    reach: Reach::Owned,
    fires: &["root/.bash_history", "root/.wget-hsts", "root/.cache/mc/a"],
    spares: &["root/.bashrc", "root/.vimrc"],
    ..Rule::PLAIN
};
