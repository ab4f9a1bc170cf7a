//! Foresees what a plan costs: its bytes, what a pull waits for, what an update pulls.
//!
//! Nothing is compressed for it: bytes are taken to compress as the layer does that they come from.

use crate::tree::Tree;

use super::regroup::{Class, FOR_SIZE, Owners};
use super::{Mode, Piece, Plan, PlannedLayer};

/// What layers are laid out for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Aim {
    /// Few bytes in a registry.
    Size,
    /// A short first pull.
    #[default]
    Pull,
    /// Few bytes to pull for the next release.
    Update,
}

impl Aim {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Pull => "pull",
            Self::Update => "update",
        }
    }

    /// How many layers a regrouping has at most for it, where it may have `max`.
    pub(crate) fn layers(self, max: usize) -> usize {
        match self {
            Self::Size => max.min(FOR_SIZE),
            Self::Pull | Self::Update => max,
        }
    }
}

impl std::str::FromStr for Aim {
    type Err = String;

    /// Parses `size`, `pull` or `update`.
    fn from_str(word: &str) -> Result<Self, String> {
        let mut all = [Self::Size, Self::Pull, Self::Update].into_iter();
        let found = all.find(|aim| aim.name() == word);
        found.ok_or_else(|| "there are size, pull and update".into())
    }
}

/// What is foreseen of a mode, in compressed bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The mode.
    pub mode: Mode,
    /// All layers.
    pub size: u64,
    /// The longest of the connections that engines pull by.
    pub pull: u64,
    /// What an update pulls: the mean of a changed file of the application, of a step of the build that runs again, of a
    /// package of a language and of one of the system, of those that the image has.
    pub update: u64,
}

impl Forecast {
    /// What counts for an aim.
    pub fn cost(&self, aim: Aim) -> u64 {
        match aim {
            Aim::Size => self.size,
            Aim::Pull => self.pull,
            Aim::Update => self.update,
        }
    }
}

/// Docker and containerd pull three layers at a time.
const CONNECTIONS: u64 = 3;
/// What a request for a layer costs beside its bytes, as bytes.
const REQUEST: u64 = 32 << 10;
/// How a layer that is stored plain would compress, in percent.
const PLAIN_RATIO: u64 = 40;

/// Foresees a plan; `sizes` are the compressed and inflated bytes of each source layer, equal where it is stored plain.
pub fn predict(
    tree: &Tree,
    plan: &Plan,
    mode: Mode,
    owners: &Owners,
    sizes: &[(u64, u64)],
) -> Forecast {
    let layers: Vec<u64> = plan
        .layers
        .iter()
        .map(|one| layer(tree, one, sizes))
        .collect();
    let size: u64 = layers.iter().sum();
    let largest = layers.iter().copied().max().unwrap_or(0);
    let requests = REQUEST * (layers.len() as u64).div_ceil(CONNECTIONS);
    Forecast {
        mode,
        size,
        pull: largest.max(size.div_ceil(CONNECTIONS)) + requests,
        update: update(tree, plan, &layers, owners),
    }
}

/// The bytes that a layer compresses to.
fn layer(tree: &Tree, planned: &PlannedLayer, sizes: &[(u64, u64)]) -> u64 {
    let packed = |layer: u16, bytes: u64| {
        let (stored, inflated) = sizes[usize::from(layer)];
        let product = match stored == inflated {
            true => u128::from(bytes) * u128::from(PLAIN_RATIO) / 100,
            false => u128::from(bytes) * u128::from(stored) / u128::from(inflated.max(1)),
        };
        u64::try_from(product).unwrap_or(u64::MAX)
    };
    match planned {
        PlannedLayer::Unchanged { layer } => sizes[*layer].0,
        PlannedLayer::Rewritten { pieces, .. } => {
            let piece = |piece: &Piece| match piece {
                Piece::Copy { layer, span } => packed(*layer, span.end - span.start),
                Piece::Remade(remade) => {
                    let span = tree.entry(remade.from).span();
                    packed(remade.from.layer, span.end - span.start)
                }
                // A header with little that is new.
                Piece::Whiteout(_) | Piece::Directory(_) | Piece::Parent { .. } => 64,
            };
            pieces.iter().map(piece).sum()
        }
    }
}

/// What one changed file, build step, language package or system package pulls, on average.
fn update(tree: &Tree, plan: &Plan, layers: &[u64], owners: &Owners) -> u64 {
    let by_layer = owners.bytes(tree);
    let of = |planned: &PlannedLayer, class: Class| -> u64 {
        let from = planned.from().iter();
        from.map(|&layer| by_layer[layer].get(&class).copied().unwrap_or(0))
            .sum()
    };
    let mut costs = Vec::new();
    for class in [
        Class::Application,
        Class::Built,
        Class::Language,
        Class::Package,
    ] {
        if by_layer.iter().all(|bytes| !bytes.contains_key(&class)) {
            continue;
        }
        let titles = plan.layers.iter().map(|one| match one {
            PlannedLayer::Rewritten { holds, .. } => holds.as_ref().map(|one| &*one.title),
            PlannedLayer::Unchanged { .. } => None,
        });
        let classes: Vec<Option<Class>> = titles.map(|title| Class::of_title(title?)).collect();
        let is_grouped = classes.iter().any(Option::is_some);
        costs.push(if is_grouped {
            changed_group(class, &classes, layers)
        } else {
            // The build makes that layer and all above it anew.
            let most = plan.layers.iter().enumerate().rev();
            let most = most.max_by_key(|(_, planned)| of(planned, class));
            layers[most.map_or(0, |(at, _)| at)..].iter().sum()
        });
    }
    let count = (costs.len() as u64).max(1);
    costs.iter().sum::<u64>() / count
}

/// The layer of a group that changes, the larger ones the more likely, and what changes with it.
fn changed_group(class: Class, classes: &[Option<Class>], layers: &[u64]) -> u64 {
    let of = |wanted: Class| {
        let pairs = classes.iter().zip(layers);
        pairs.filter(move |(class, _)| **class == Some(wanted))
    };
    let own = of(class).map(|(_, &bytes)| u128::from(bytes));
    let (sum, squares) = own.fold((0, 0), |(sum, squares), bytes| {
        (sum + bytes, squares + bytes * bytes)
    });
    let mean = u64::try_from(squares / sum.max(1)).unwrap_or(u64::MAX);
    let directories = classes
        .iter()
        .zip(layers)
        .filter(|(class, _)| class.is_none());
    let mut cost = mean + directories.map(|(_, bytes)| bytes).sum::<u64>();
    if class == Class::Package {
        for other in [Class::Built, Class::Configuration, Class::Record] {
            cost += of(other).map(|(_, bytes)| bytes).sum::<u64>();
        }
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_aims() {
        for aim in [Aim::Size, Aim::Pull, Aim::Update] {
            assert_eq!(aim.name().parse(), Ok(aim));
        }
        assert!("speed".parse::<Aim>().is_err());
    }

    #[test]
    fn a_large_group_is_the_more_likely_to_change() {
        let classes = [
            Some(Class::Package),
            Some(Class::Package),
            Some(Class::Application),
            Some(Class::Record),
            None,
        ];
        let layers = [300, 100, 50, 7, 2];
        assert_eq!(
            changed_group(Class::Package, &classes, &layers),
            250 + 7 + 2
        );
        assert_eq!(changed_group(Class::Application, &classes, &layers), 50 + 2);
    }
}
