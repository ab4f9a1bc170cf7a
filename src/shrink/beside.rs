//! Looks whether a result will run, beside the work on it: at what the image reaches while the result is planned, at what the
//! decisions break of that while it is written.
//!
//! Nobody waits for the other: what needs both is done by whoever comes last. Measured with `--profile lean --proof index` on
//! a Node.js image, whose planning keeps one core busy and half of another: 3.59 s of wall time, and 3.75 with the whole look
//! beside the writing.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::Result;
use crate::rules::Decisions;
use crate::running::{Finding, Found, View, reach};

use super::running;

/// What is looked at, and what was seen in an earlier round.
pub(super) struct Beside<'a> {
    image: View<'a>,
    /// Whether it is likely that something goes: else nobody asks what the image reaches.
    is_likely: bool,
    reached: OnceLock<Found>,
}

/// A round of planning and writing, with what the decisions break.
#[derive(Debug)]
pub(super) struct Round<P, W> {
    pub(super) planned: P,
    pub(super) written: W,
    pub(super) findings: Result<Vec<Finding>>,
}

impl<'a> Beside<'a> {
    pub(super) fn new(image: View<'a>, is_likely: bool) -> Self {
        Self {
            image,
            is_likely,
            reached: OnceLock::new(),
        }
    }

    /// Plans, writes what is planned, and looks at it meanwhile; calls `looked` when the image is read for that no more.
    ///
    /// # Errors
    /// Those of `plan` and `write`.
    pub(super) fn round<P: Send + Sync, W: Send>(
        &self,
        plan: impl FnOnce() -> Result<P> + Send,
        decisions: impl Fn(&P) -> &Decisions + Sync,
        write: impl FnOnce(&P) -> Result<W> + Send,
        looked: impl Fn(&P) + Sync,
    ) -> Result<Round<P, W>> {
        let (planned, findings) = (OnceLock::new(), OnceLock::new());
        let is_early = self.is_likely && self.reached.get().is_none();
        let is_one_done = AtomicBool::new(!is_early);
        let is_last = || is_one_done.swap(true, Ordering::AcqRel);
        let compare = |planned: &P| {
            let _ = findings.set(self.findings(decisions(planned)));
            looked(planned);
        };
        let written = rayon::scope(|scope| {
            if is_early {
                scope.spawn(|_| {
                    // A fault comes up again if anything goes, and is of no matter else.
                    if let Ok(found) = reach(self.image) {
                        let _ = self.reached.set(found);
                    }
                    if is_last() {
                        planned.get().into_iter().for_each(&compare);
                    }
                });
            }
            let made = plan()?;
            let planned = planned.get_or_init(|| made);
            if is_last() {
                scope.spawn(|_| compare(planned));
            }
            write(planned)
        })?;
        Ok(Round {
            planned: planned.into_inner().expect("it was written"),
            written,
            findings: findings.into_inner().expect("one came last"),
        })
    }

    fn findings(&self, decisions: &Decisions) -> Result<Vec<Finding>> {
        if decisions.is_empty() {
            return Ok(Vec::new());
        }
        match self.reached.get() {
            Some(found) => running::findings(self.image, found, decisions),
            None => running::findings(self.image, &reach(self.image)?, decisions),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use rayon::ThreadPoolBuilder;

    use super::*;
    use crate::error::Error;
    use crate::rules::{Contents, Facts, Origin, Reason, example};
    use crate::tree::NodeId;

    /// What is found of an image whose script names a tool that goes, or stays.
    fn findings(is_likely: bool, goes: bool, threads: usize) -> (Vec<String>, usize) {
        let (tree, contents) = example::image(&[
            ("bin/sh", "#!/bin/sh\n"),
            ("opt/tool", "#!/bin/sh\n"),
            ("run", "#!/bin/sh\n/opt/tool now\n"),
        ]);
        let config = serde_json::json!({"config": {"Entrypoint": ["/run"]}});
        let facts = Facts::gather(&config, &tree, &contents).unwrap();
        let image = View {
            tree: &tree,
            contents: &contents,
            facts: &facts,
        };
        let mut decisions = Decisions::default();
        if goes {
            let reason = decisions.reason(Reason {
                rule: "test".into(),
                origin: Origin::BuiltIn,
            });
            decisions.remove(tree.find(b"opt/tool").unwrap(), reason);
        }
        let beside = Beside::new(image, is_likely);
        let looked = AtomicUsize::new(0);
        let pool = ThreadPoolBuilder::new().num_threads(threads).build();
        let round = || {
            beside.round(
                || Ok(decisions.clone()),
                |planned| planned,
                |_| Ok(()),
                |_| {
                    looked.fetch_add(1, Ordering::Relaxed);
                },
            )
        };
        let rounds = pool.unwrap().install(|| [round(), round()]);
        let [first, second] = rounds.map(|round| round.unwrap().findings.unwrap());
        assert_eq!(first, second);
        let texts = first.into_iter().map(|finding| finding.text);
        (texts.collect(), looked.into_inner())
    }

    #[test]
    fn what_breaks_is_found_once_a_round_whoever_comes_last() {
        for (is_likely, threads) in [(true, 1), (true, 2), (false, 1), (false, 2)] {
            for _ in 0..20 {
                let (texts, looked) = findings(is_likely, true, threads);
                assert!(
                    texts.iter().any(|text| text.contains("/opt/tool")),
                    "{texts:?}"
                );
                assert_eq!(looked, 2);
                assert_eq!(findings(is_likely, false, threads), (vec![], 2));
            }
        }
    }

    struct Unreadable;

    impl Contents for Unreadable {
        fn read(&self, _: NodeId, _: usize) -> Result<Vec<u8>> {
            Err(fault())
        }
    }

    fn fault() -> Error {
        Error::Proof {
            path: "run".into(),
            fault: "test".into(),
        }
    }

    #[test]
    fn an_image_that_cannot_be_looked_at_matters_where_something_goes() {
        let (tree, contents) = example::image(&[("run", "x"), ("tool", "x")]);
        let config = serde_json::json!({"config": {"Entrypoint": ["/run"]}});
        let facts = Facts::gather(&config, &tree, &contents).unwrap();
        let image = View {
            tree: &tree,
            contents: &Unreadable,
            facts: &facts,
        };
        for goes in [true, false] {
            let mut decisions = Decisions::default();
            if goes {
                decisions.remove(tree.find(b"tool").unwrap(), 0);
            }
            for is_likely in [true, false] {
                let beside = Beside::new(image, is_likely);
                let round = beside.round(|| Ok(&decisions), |planned| planned, |_| Ok(()), |_| ());
                assert_eq!(round.unwrap().findings.is_err(), goes, "{is_likely}");
            }
        }
    }

    #[test]
    fn faults_of_the_plan_and_of_the_writing_come_through() {
        let (tree, contents) = example::image(&[("run", "x")]);
        let facts = Facts::gather(&serde_json::json!({}), &tree, &contents).unwrap();
        let image = View {
            tree: &tree,
            contents: &contents,
            facts: &facts,
        };
        let beside = Beside::new(image, true);
        let unplanned = beside.round(
            || Err::<Decisions, _>(fault()),
            |planned| planned,
            |_| Ok(()),
            |_| (),
        );
        assert!(matches!(unplanned, Err(Error::Proof { .. })));
        let none = Decisions::default();
        let unwritten = beside.round(
            || Ok(none),
            |planned| planned,
            |_| Err::<(), _>(fault()),
            |_| (),
        );
        assert!(matches!(unwritten, Err(Error::Proof { .. })));
    }
}
