//! The process that a command means in an image: what its config says, with names looked up in its own files.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, Result};

use super::words;

/// The directories in which programs are looked for where an image says nothing (runtime-spec, as Docker sets it).
const PATH: &str = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A process to start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) arguments: Vec<String>,
    /// `NAME=VALUE`.
    pub(super) environment: Vec<String>,
    pub(super) directory: String,
    pub(super) user: u32,
    pub(super) group: u32,
    pub(super) groups: Vec<u32>,
}

impl Process {
    /// Reads what a line means in an image of this config, unpacked at `root`.
    ///
    /// # Errors
    /// When the line is no words, there is nothing to run, or the image has no user of the name that the config gives.
    pub(super) fn new(config: &Value, line: &str, root: &Path) -> Result<Self> {
        let fault = |fault: String| Error::Setting { name: "run", fault };
        let settings = &config["config"];
        let mut arguments =
            words::split(line).map_err(|text| fault(format!("`{line}`: {text}")))?;
        if arguments.is_empty() {
            arguments = strings(&settings["Entrypoint"]);
            arguments.extend(strings(&settings["Cmd"]));
        }
        if arguments.is_empty() {
            return Err(fault("the image has no Entrypoint and no Cmd".into()));
        }
        let account = Account::find(settings["User"].as_str().unwrap_or(""), root)
            .map_err(|name| fault(format!("the image has no user or group `{name}`")))?;
        let mut environment = strings(&settings["Env"]);
        let mut default = |name: &str, value: String| {
            if !environment.iter().any(|row| row.starts_with(name)) {
                environment.push(value);
            }
        };
        default("PATH=", PATH.to_owned());
        default("HOME=", format!("HOME={}", account.home));
        let directory = settings["WorkingDir"].as_str().unwrap_or("");
        Ok(Self {
            arguments,
            environment,
            directory: if directory.is_empty() { "/" } else { directory }.to_owned(),
            user: account.user,
            group: account.group,
            groups: account.groups,
        })
    }
}

fn strings(value: &Value) -> Vec<String> {
    let values = value.as_array().into_iter().flatten();
    values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

struct Account {
    user: u32,
    group: u32,
    groups: Vec<u32>,
    home: String,
}

impl Account {
    /// Looks `USER[:GROUP]` up, names or numbers, in the image's own files; root where nothing is said.
    fn find(wanted: &str, root: &Path) -> Result<Self, String> {
        let (user, group) = match wanted.split_once(':') {
            Some((user, group)) => (user, Some(group)),
            None => (wanted, None),
        };
        let user = if user.is_empty() { "0" } else { user };
        let rows = rows(root, "etc/passwd");
        let row = rows.iter().find(|row| row[0] == user).or_else(|| {
            rows.iter()
                .find(|row| row.get(2).is_some_and(|id| id == user))
        });
        let number = |row: Option<&Vec<String>>, place: usize| -> Option<u32> {
            row?.get(place)?.parse().ok()
        };
        let id = number(row, 2).or_else(|| user.parse().ok());
        let id = id.ok_or_else(|| user.to_owned())?;
        let listed = self::rows(root, "etc/group");
        let main = match group {
            Some(name) => {
                let row = listed.iter().find(|row| row[0] == name);
                let id = number(row, 2).or_else(|| name.parse().ok());
                id.ok_or_else(|| name.to_owned())?
            }
            None => number(row, 3).unwrap_or(0),
        };
        // A group that was named is the only one, as in runc and crun.
        let name = row.filter(|_| group.is_none()).map(|row| row[0].clone());
        let has = |row: &&Vec<String>| {
            let members = row.get(3).map_or("", String::as_str);
            name.as_deref()
                .is_some_and(|name| members.split(',').any(|member| member == name))
        };
        let groups = listed.iter().filter(has);
        Ok(Self {
            user: id,
            group: main,
            groups: groups.filter_map(|row| row.get(2)?.parse().ok()).collect(),
            home: row
                .and_then(|row| row.get(5).cloned())
                .filter(|home| !home.is_empty())
                .unwrap_or_else(|| "/".to_owned()),
        })
    }
}

/// The rows of a table of the image, split at colons; none where it is not a file below the root.
fn rows(root: &Path, name: &str) -> Vec<Vec<String>> {
    let text = inside(root, Path::new(name)).and_then(|file| fs::read_to_string(file).ok());
    let text = text.unwrap_or_default();
    let rows = text.lines().filter(|line| !line.is_empty());
    rows.map(|line| line.split(':').map(str::to_owned).collect())
        .collect()
}

/// A path of the image on this machine, its links followed inside the root.
fn inside(root: &Path, name: &Path) -> Option<PathBuf> {
    let mut left: Vec<PathBuf> = name
        .components()
        .rev()
        .map(|part| part.as_os_str().into())
        .collect();
    let (mut at, mut hops) = (root.to_owned(), 0);
    while let Some(part) = left.pop() {
        match part.components().next()? {
            Component::RootDir => at = root.to_owned(),
            Component::ParentDir if at != root => {
                at.pop();
            }
            Component::Normal(name) => {
                let next = at.join(name);
                let Ok(target) = fs::read_link(&next) else {
                    at = next;
                    continue;
                };
                hops += 1;
                if hops > 40 {
                    return None;
                }
                left.extend(
                    target
                        .components()
                        .rev()
                        .map(|part| part.as_os_str().into()),
                );
            }
            _ => {}
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use serde_json::json;

    use super::*;

    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("usr/etc")).unwrap();
        symlink("/usr/etc", root.path().join("etc")).unwrap();
        let table = "root:x:0:0::/root:/bin/sh\nweb:x:33:34::/srv:/bin/false\n\nodd\n";
        fs::write(root.path().join("usr/etc/passwd"), table).unwrap();
        let table = "root:x:0:\nweb:x:34:\nlogs:x:40:other,web\n";
        fs::write(root.path().join("usr/etc/group"), table).unwrap();
        root
    }

    #[test]
    fn the_config_and_the_line_make_a_process() {
        let root = root();
        let config = json!({"config": {
            "Entrypoint": ["/app"], "Cmd": ["a b"], "Env": ["HOME=/x"], "User": "web", "WorkingDir": "/w"
        }});
        let process = Process::new(&config, "", root.path()).unwrap();
        let wanted = Process {
            arguments: vec!["/app".into(), "a b".into()],
            environment: vec!["HOME=/x".into(), PATH.into()],
            directory: "/w".into(),
            user: 33,
            group: 34,
            groups: vec![40],
        };
        assert_eq!(process, wanted);
        let process = Process::new(&config, "sh -c 'exit 3'", root.path()).unwrap();
        assert_eq!(process.arguments, ["sh", "-c", "exit 3"]);
        for (config, line) in [
            (json!({}), ""),
            (json!({"config": {"User": "nobody"}}), "a"),
            (json!({}), "'a"),
        ] {
            assert!(
                Process::new(&config, line, root.path()).is_err(),
                "{config}"
            );
        }
    }

    #[test]
    fn users_are_the_images() {
        let root = root();
        let find = |wanted| {
            let found = Account::find(wanted, root.path())?;
            Ok::<_, String>((found.user, found.group, found.groups, found.home))
        };
        assert_eq!(find(""), Ok((0, 0, vec![], "/root".into())));
        assert_eq!(find("33"), Ok((33, 34, vec![40], "/srv".into())));
        assert_eq!(find("web:logs"), Ok((33, 40, vec![], "/srv".into())));
        assert_eq!(find("1000:7"), Ok((1000, 7, vec![], "/".into())));
        assert_eq!(find("1000"), Ok((1000, 0, vec![], "/".into())));
        assert_eq!(find("web:none"), Err("none".into()));
        assert_eq!(find("none"), Err("none".into()));
    }

    #[test]
    fn links_are_followed_inside_the_root() {
        let root = tempfile::tempdir().unwrap();
        symlink("../../../../etc", root.path().join("etc")).unwrap();
        assert_eq!(rows(root.path(), "etc/passwd"), Vec::<Vec<String>>::new());
        symlink("loop", root.path().join("loop")).unwrap();
        assert_eq!(inside(root.path(), Path::new("loop/a")), None);
    }
}
