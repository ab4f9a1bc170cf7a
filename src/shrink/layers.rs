//! From decisions to written layers: plan, write, and where a layer would grow, plan again with that layer left as it is.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::layer::{Codec, Layer};
use crate::plan::{Aim, Forecast, Mode, Owners, Plan, Steps, Withdrawn, with_what_it_leans_on};
use crate::report::Account;
use crate::running::{Finding, View};
use crate::tree::Tree;
use crate::verify::{Proven, ReadBack, prove};
use crate::write::{
    Compress, Contexts, Done, Encoding, Manner, Output, Pairing, ReadsBack, Spent, Staging,
    write_layers,
};

use super::beside::Beside;
use super::choose::choose;
use super::decide::{Decided, Deciding};
use super::planned::{Planned, base, plan};
use super::previous::Previous;

/// How the layers are to be laid out and compressed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout<'a> {
    pub(super) mode: Mode,
    pub(super) compress: Compress,
    /// Whether plain layers are the source format's doing and the destination has another format.
    pub(super) saved: bool,
    /// What layers are laid out for.
    pub(super) aim: Option<Aim>,
    /// Later times become this.
    pub(super) latest: Option<i64>,
    /// The build steps that made the source's layers.
    pub(super) steps: &'a Steps,
    /// How many layers are the base image's.
    pub(super) base: usize,
    /// The last release.
    pub(super) previous: &'a Previous,
    /// The layers that hold a table of their own contents.
    pub(super) tables: &'a BTreeSet<usize>,
    /// Whether somebody reads source layers once the result is written.
    pub(super) is_read_again: bool,
    /// What reads new layers back, where that is asked for.
    pub(super) read_back: Option<&'a ReadBack>,
    /// Where new blobs wait.
    pub(super) staging: &'a Staging,
}

impl Layout<'_> {
    /// Whether what is alike is to lie together: only zstd looks back further than a file is long.
    pub(super) fn wants_marks(&self, layers: &[Layer]) -> bool {
        let all: Vec<usize> = (0..layers.len()).collect();
        let (encoding, _) = Encoding::choose(self.compress, layers, &all, self.saved);
        self.aim == Some(Aim::Size) && encoding.codec == Codec::Zstd
    }
}

/// Whether all layers together are so much larger than those of the source that better updates are not worth it: more than
/// 2 %, and 1 KiB a layer for its own headers. Plain layers are not held against packed ones.
fn is_much_more(layers: &[Layer], outputs: &[Output]) -> bool {
    let before: u64 = layers.iter().map(|layer| layer.claim.size).sum();
    let after: u64 = outputs.iter().map(|output| output.size).sum();
    let packed = layers.iter().any(|layer| layer.codec != Codec::Plain);
    let alike = !packed || outputs.iter().all(|output| output.codec != Codec::Plain);
    alike && after > before + before / 50 + 1024 * outputs.len() as u64
}

/// The layers of a result and the decisions that they carry out.
#[derive(Debug)]
pub(super) struct LaidOut {
    pub(super) decided: Decided,
    pub(super) withdrawn: Withdrawn,
    pub(super) plan: Plan,
    pub(super) outputs: Vec<Output>,
    /// What will not run as before.
    pub(super) findings: Vec<Finding>,
    /// Source layers that stayed because a rewrite would have been larger.
    pub(super) grew: BTreeSet<usize>,
    /// Source layers that stayed because without them those would mean something else.
    pub(super) needed: BTreeSet<usize>,
    /// Whether joining layers would have been larger, so that they were kept apart.
    pub(super) kept_apart: bool,
    /// What was foreseen of each mode, where one was to be chosen.
    pub(super) foreseen: Vec<Forecast>,
}

/// A result that was looked at.
#[derive(Debug)]
pub(super) struct Shown {
    /// Whether it proved to be what was promised.
    pub(super) proven: Result<Proven>,
    /// What there is to report of its paths.
    pub(super) account: Account,
}

/// Lays out the result of `image` so that no layer is larger than what it replaces, proves it, and looks what it breaks.
pub(super) fn lay_out(
    layers: &[Layer],
    deciding: &Deciding<'_>,
    layout: Layout<'_>,
    image: View<'_>,
) -> Result<(LaidOut, Shown)> {
    let tree = deciding.tree;
    let mut mode = layout.mode;
    let mut foreseen = Vec::new();
    let owners = match mode {
        Mode::Regroup(_) | Mode::Auto => Owners::read(&deciding.inventory, layout.steps.clone())?,
        _ => Owners::default(),
    };
    if mode == Mode::Auto {
        let aim = layout.aim.unwrap_or_default();
        foreseen = choose(layers, deciding, &owners, layout.base, aim)?;
        mode = foreseen.first().map_or(Mode::Keep, |best| best.mode);
    }
    if let (Mode::Regroup(max), Some(aim)) = (mode, layout.aim) {
        mode = Mode::Regroup(aim.layers(max));
    }
    let wanted = mode;
    let mut done = Done::default();
    let mut pinned = BTreeSet::new();
    let (mut grew, mut needed) = (BTreeSet::new(), BTreeSet::new());
    let beside = Beside::new(image, deciding.may_take());
    loop {
        let base = base(mode);
        let is_regrouped = matches!(mode, Mode::Regroup(_));
        let is_larger = |outputs: &[Output]| match is_regrouped {
            true => is_much_more(layers, outputs),
            false => outputs.iter().any(|output| output.grew(layers)),
        };
        // What is grouped may turn out too large only when all is written.
        let is_last = !layout.is_read_again && !is_regrouped;
        let round = beside.round(
            || {
                let planned = plan(layers, deciding, mode, &pinned, layout, &owners)?;
                let spent = is_last.then(|| Spent::new(layers, &planned.plan));
                Ok((planned, spent))
            },
            |(planned, _)| &planned.decided.decisions,
            |(planned, spent)| {
                let outputs = write(layers, &planned.plan, layout, done, spent.as_ref())?;
                let shown = (!is_larger(&outputs))
                    .then(|| show(layers, tree, &planned.decided, &planned.plan, &outputs));
                Ok((outputs, shown))
            },
            |(_, spent)| spent.iter().for_each(Spent::looked),
        )?;
        let Planned {
            decided,
            withdrawn,
            plan,
        } = round.planned.0;
        let (outputs, shown) = round.written;
        if let Some(shown) = shown {
            let kept_apart = mode != wanted;
            let laid = LaidOut {
                decided,
                withdrawn,
                plan,
                outputs,
                findings: round.findings?,
                grew,
                needed,
                kept_apart,
                foreseen,
            };
            return Ok((laid, shown));
        }
        if is_regrouped {
            mode = Mode::Keep;
        }
        for output in outputs.iter().filter(|output| output.grew(layers)) {
            if let [layer] = output.from[..] {
                grew.insert(layer);
                pinned.insert(layer);
            } else {
                pinned.extend(0..base);
                mode = Mode::Keep;
            }
        }
        let all = with_what_it_leans_on(tree, &pinned);
        needed.extend(all.difference(&pinned));
        pinned = all;
        done = plan
            .layers
            .into_iter()
            .zip(outputs)
            .filter(|(_, output)| output.file.is_some())
            .map(|(planned, output)| (output.from.clone(), (planned, output)))
            .collect();
    }
}

/// Writes the layers of a plan.
fn write(
    layers: &[Layer],
    plan: &Plan,
    layout: Layout<'_>,
    done: Done,
    spent: Option<&Spent<'_>>,
) -> Result<Vec<Output>> {
    let Layout { staging, .. } = layout;
    let manner = Manner {
        compress: layout.compress,
        saved: layout.saved,
        // Blocks of the source depend on what lay around them: with them an update would change more.
        splices: layout.aim.is_some_and(|aim| aim != Aim::Update),
        known: &layout.previous.known,
        reads_back: layout.read_back.map(|one| one as &dyn ReadsBack),
        area: staging.area(),
        contexts: &Contexts::default(),
        pairing: &Pairing::default(),
        spent,
    };
    write_layers(layers, plan, manner, done)
}

/// Proves what was written, and tells what there is to report of paths.
fn show(
    layers: &[Layer],
    tree: &Tree,
    decided: &Decided,
    plan: &Plan,
    outputs: &[Output],
) -> Shown {
    let Decided { decisions, .. } = decided;
    let (proven, account) = rayon::join(
        || prove(tree, decisions, outputs),
        || Account::of(layers, tree, decisions, plan),
    );
    Shown { proven, account }
}

impl LaidOut {
    /// Whether the result was planned around layers that stay as they are.
    pub(super) fn is_around_others(&self) -> bool {
        !self.grew.is_empty() || self.kept_apart
    }
}

/// Lays out the result with every layer as it is, and proves it.
pub(super) fn leave(layers: &[Layer], tree: &Tree, layout: Layout<'_>) -> Result<(LaidOut, Shown)> {
    let pinned: BTreeSet<usize> = (0..layers.len()).collect();
    let decided = Decided::default();
    let plan = Plan::new(tree, &decided.decisions, Mode::Keep, &pinned);
    let layout = Layout {
        compress: Compress::Keep,
        ..layout
    };
    let outputs = write(layers, &plan, layout, Done::default(), None)?;
    let shown = show(layers, tree, &decided, &plan, &outputs);
    let laid = LaidOut {
        decided,
        withdrawn: Withdrawn::default(),
        plan,
        outputs,
        findings: Vec::new(),
        grew: BTreeSet::new(),
        needed: BTreeSet::new(),
        kept_apart: false,
        foreseen: Vec::new(),
    };
    Ok((laid, shown))
}
