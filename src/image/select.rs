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
    let mut found = Vec::new();
    for root in std::mem::take(&mut offer.roots) {
        let annotations = root.descriptor().value.get("annotations").cloned();
        collect(root, annotations.as_ref(), &mut found);
    }
    let own = |(descriptor, image): &(Descriptor, usize)| -> Platform {
        let listed = platform_of(descriptor).ok().flatten();
        listed.unwrap_or_else(|| offer.images[*image].platform.clone())
    };
    let mut chosen: Vec<_> = found
        .iter()
        .filter(|leaf| asked.is(&own(leaf)))
        .cloned()
        .collect();
    if chosen.is_empty() {
        chosen = found
            .iter()
            .filter(|leaf| asked.covers(&own(leaf)))
            .cloned()
            .collect();
    }
    let images: BTreeSet<usize> = chosen.iter().map(|(_, image)| *image).collect();
    if images.len() == 1 {
        let image = chosen[0].1;
        offer.images = vec![offer.images.swap_remove(image)];
        offer.roots = chosen
            .into_iter()
            .map(|(descriptor, _)| Node::Image {
                descriptor,
                image: 0,
            })
            .collect();
        return Ok(offer);
    }
    let some = !chosen.is_empty();
    let mut offered: Vec<String> = if some {
        chosen
            .iter()
            .map(|leaf| {
                leaf.0
                    .annotation(REF_NAME)
                    .map_or_else(|| own(leaf).to_string(), str::to_owned)
            })
            .collect()
    } else {
        listed
            .iter()
            .chain(&found.iter().map(own).collect::<Vec<_>>())
            .map(Platform::to_string)
            .collect()
    };
    let mut seen = BTreeSet::new();
    offered.retain(|name| seen.insert(name.clone()));
    let fault = format!(
        "{} for `{asked}`",
        if some {
            "more than one image"
        } else {
            "no image"
        }
    );
    Err(Error::NoImage {
        place: offer.place,
        fault,
        offered,
    })
}

/// Gathers the images under `node`; each gets the names of its root, by which it was reachable.
fn collect(node: Node, names: Option<&Value>, found: &mut Vec<(Descriptor, usize)>) {
    match node {
        Node::Other(_) => {}
        Node::Index { children, .. } => children
            .into_iter()
            .for_each(|child| collect(child, names, found)),
        Node::Image {
            mut descriptor,
            image,
        } => {
            for key in [REF_NAME, IMAGE_NAME] {
                if let Some(name) = names.and_then(|names| names.get(key)) {
                    set_annotation(&mut descriptor, key, name.clone());
                }
            }
            found.push((descriptor, image));
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
