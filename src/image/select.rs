//! Choosing: by tag or name, by platform, or none when there is only one thing to choose.
//!
//! Nothing here reads from the source.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::load::platform_of;
use super::{Node, Offer, Platform};
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::source::name::familiar;
use crate::source::{Descriptor, IMAGE_NAME, REF_NAME};

/// Keeps what goes by the name `wanted`: a tag as written in the index, or a name as Docker would understand it.
pub(super) fn named(roots: Vec<Descriptor>, wanted: &str, place: &str) -> Result<Vec<Descriptor>> {
    let names = |root: &Descriptor| {
        [REF_NAME, IMAGE_NAME].map(|key| root.annotation(key).map(str::to_owned))
    };
    let matches = |exact: &dyn Fn(&str) -> bool| -> Vec<Descriptor> {
        roots
            .iter()
            .filter(|root| names(root).iter().flatten().any(|name| exact(name)))
            .cloned()
            .collect()
    };
    let mut found = matches(&|name| name == wanted);
    if found.is_empty() {
        found = matches(&|name| familiar(name) == familiar(wanted));
    }
    if found.is_empty() {
        let mut offered: Vec<String> = Vec::new();
        for root in &roots {
            let [tag, name] = names(root);
            offered.extend(name.or(tag));
        }
        let fault = format!("no image `{wanted}`");
        return Err(Error::NoImage {
            place: place.to_owned(),
            fault,
            offered,
        });
    }
    Ok(found)
}

/// Accepts an offer in which one image, on one platform or several, has a name.
pub(super) fn unambiguous(offer: Offer) -> Result<Offer> {
    refuse_imageless(&offer)?;
    let images = || offer.roots.iter().filter(|node| node.is_image());
    let named: BTreeSet<&Digest> = images()
        .filter(|node| node.name().is_some())
        .map(|node| &node.descriptor().digest)
        .collect();
    if named.len() > 1 {
        let offered = images().filter_map(Node::name).map(str::to_owned).collect();
        let fault = "no name to choose among several images".into();
        return Err(Error::NoImage {
            place: offer.place,
            fault,
            offered,
        });
    }
    Ok(offer)
}

fn refuse_imageless(offer: &Offer) -> Result<()> {
    if !offer.images.is_empty() {
        return Ok(());
    }
    let mut others = Vec::new();
    let mut left: Vec<&Node> = offer.roots.iter().collect();
    while let Some(node) = left.pop() {
        match node {
            Node::Index { children, .. } => left.extend(children),
            Node::Other(other) => {
                others.push(format!("`{}` ({})", other.descriptor.digest, other.why));
            }
            Node::Image { .. } => {}
        }
    }
    let fault = match others.is_empty() {
        true => "no image".into(),
        false => format!("no image but {}", others.join(", ")),
    };
    Err(Error::NoImage {
        place: offer.place.clone(),
        fault,
        offered: Vec::new(),
    })
}

/// Keeps the one image for `asked`, under all names that lead to it.
pub(super) fn platform(mut offer: Offer, asked: &Platform, listed: &[Platform]) -> Result<Offer> {
    let found = leaves(&offer);
    let chosen = choose(&offer, &found, asked, listed)?;
    let image = chosen[0].1;
    offer.images = vec![offer.images.swap_remove(image)];
    offer.roots = chosen
        .into_iter()
        .map(|(descriptor, _)| Node::Image {
            descriptor,
            image: 0,
        })
        .collect();
    Ok(offer)
}

/// Keeps one image for each of `asked`, in the indexes that lead to them.
pub(super) fn platforms(
    mut offer: Offer,
    asked: &[Platform],
    listed: &[Platform],
) -> Result<Offer> {
    let found = leaves(&offer);
    let mut meant = BTreeSet::new();
    for asked in asked {
        meant.insert(choose(&offer, &found, asked, listed)?[0].1);
    }
    let kept: BTreeSet<Digest> = meant
        .iter()
        .map(|&image| offer.images[image].manifest.digest.clone())
        .collect();
    let place = |image: usize| meant.iter().position(|&kept| kept == image);
    offer.roots = prune(std::mem::take(&mut offer.roots), &place, &kept);
    let images = std::mem::take(&mut offer.images).into_iter().enumerate();
    offer.images = images
        .filter(|(image, _)| meant.contains(image))
        .map(|(_, image)| image)
        .collect();
    unambiguous(offer)
}

/// Leaves out images without a new place, what speaks of them, and indexes in which nothing is left.
fn prune(
    nodes: Vec<Node>,
    place: &dyn Fn(usize) -> Option<usize>,
    kept: &BTreeSet<Digest>,
) -> Vec<Node> {
    let pruned = nodes.into_iter().filter_map(|node| match node {
        Node::Image { descriptor, image } => {
            place(image).map(|image| Node::Image { descriptor, image })
        }
        Node::Index {
            descriptor,
            document,
            children,
        } => {
            let children = prune(children, place, kept);
            (!children.is_empty()).then_some(Node::Index {
                descriptor,
                document,
                children,
            })
        }
        Node::Other(other) => {
            let subject = other.subject.as_ref();
            let stays = subject.is_none_or(|subject| kept.contains(subject));
            stays.then_some(Node::Other(other))
        }
    });
    pruned.collect()
}

/// The descriptors and numbers of all images, with the names of their roots.
fn leaves(offer: &Offer) -> Vec<(Descriptor, usize)> {
    let mut found = Vec::new();
    for root in &offer.roots {
        collect(root, root.descriptor().value.get("annotations"), &mut found);
    }
    found
}

/// The leaves that lead to the one image for `asked`.
fn choose(
    offer: &Offer,
    found: &[(Descriptor, usize)],
    asked: &Platform,
    listed: &[Platform],
) -> Result<Vec<(Descriptor, usize)>> {
    let own = |(descriptor, image): &(Descriptor, usize)| -> Platform {
        let listed = platform_of(descriptor).ok().flatten();
        listed.unwrap_or_else(|| offer.images[*image].platform.clone())
    };
    let those = |meant: &dyn Fn(Platform) -> bool| -> Vec<(Descriptor, usize)> {
        let leaves = found.iter().filter(|leaf| meant(own(leaf)));
        leaves.cloned().collect()
    };
    let mut chosen = those(&|own| asked.is(&own));
    if chosen.is_empty() {
        chosen = those(&|own| asked.covers(&own));
    }
    let images: BTreeSet<usize> = chosen.iter().map(|(_, image)| *image).collect();
    if images.len() == 1 {
        return Ok(chosen);
    }
    let (which, mut offered): (_, Vec<String>) = if chosen.is_empty() {
        let own = found.iter().map(own);
        let all = listed.iter().cloned().chain(own);
        ("no image", all.map(|one| one.to_string()).collect())
    } else {
        let name = |leaf: &(Descriptor, usize)| {
            let tag = leaf.0.annotation(REF_NAME);
            tag.map_or_else(|| own(leaf).to_string(), str::to_owned)
        };
        ("more than one image", chosen.iter().map(name).collect())
    };
    let mut seen = BTreeSet::new();
    offered.retain(|name| seen.insert(name.clone()));
    Err(Error::NoImage {
        place: offer.place.clone(),
        fault: format!("{which} for `{asked}`"),
        offered,
    })
}

/// Gathers the images under `node`; each gets the names of its root, by which it was reachable.
fn collect(node: &Node, names: Option<&Value>, found: &mut Vec<(Descriptor, usize)>) {
    match node {
        Node::Other(_) => {}
        Node::Index { children, .. } => {
            let children = children.iter();
            children.for_each(|child| collect(child, names, found));
        }
        Node::Image { descriptor, image } => {
            let mut descriptor = descriptor.clone();
            for key in [REF_NAME, IMAGE_NAME] {
                if let Some(name) = names.and_then(|names| names.get(key)) {
                    set_annotation(&mut descriptor, key, name.clone());
                }
            }
            found.push((descriptor, *image));
        }
    }
}

fn set_annotation(descriptor: &mut Descriptor, key: &str, value: Value) {
    let annotations = &mut descriptor.value["annotations"];
    if !annotations.is_object() {
        *annotations = Value::Object(Map::new());
    }
    annotations[key] = value;
}
