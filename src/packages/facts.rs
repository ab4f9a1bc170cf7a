//! What the image's config says that bears on packages.

/// What runs, where, and with which environment. Empty where the config does not say.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// `Entrypoint`, word by word.
    pub entrypoint: Vec<String>,
    /// `Cmd`, word by word.
    pub cmd: Vec<String>,
    /// `Healthcheck.Test` with its leading `CMD` or `CMD-SHELL`.
    pub healthcheck: Vec<String>,
    /// `Env`, as `NAME=value`.
    pub env: Vec<String>,
    /// `WorkingDir`.
    pub working_dir: String,
    /// The keys of `Volumes`.
    pub volumes: Vec<String>,
    /// `architecture`, as Go calls it: `amd64`, `arm64`, …
    pub architecture: String,
}

/// What Docker and containerd set where the config has no `PATH`.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

impl Facts {
    /// The value of a variable of the environment; of several the last.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.env
            .iter()
            .rev()
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// The directories in which commands are looked up, in order.
    pub fn search_path(&self) -> impl Iterator<Item = &str> {
        let path = self.variable("PATH").unwrap_or(PATH);
        path.split(':').filter(|directory| !directory.is_empty())
    }
}
