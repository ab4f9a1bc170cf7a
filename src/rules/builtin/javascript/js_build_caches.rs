//! Takes the caches of bundlers, linters and frameworks.

use crate::rules::rule::{Level, Reach, Rule};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "js-build-caches",
    level: Level::Safe,
    summary: "Takes the caches of bundlers, linters and frameworks.",
    caveat: "The next build or lint starts without a cache; Next.js fills its cache of images again.",
    source: "documentation of each",
    remove: &[
        "**/node_modules/.{cache,vite,vite-temp,parcel-cache,babel-cache}",
        "**/.next/cache/",
        "**/.nuxt/{cache,analyze}",
        "**/.{turbo,parcel-cache,rpt2_cache,rts2_cache*}",
        "**/.angular/cache",
        "**/.{eslintcache,stylelintcache}",
        "**/*.tsbuildinfo",
    ],
    keep: &[
        "**/node_modules/.cache/{puppeteer,ms-playwright,playwright,Cypress,cypress,prisma,mongodb*,electron*,chromium*,selenium*,huggingface,transformers*,@xenova,@huggingface,fonts,*models*}",
        "**/.turbo/config.json",
    ],
    reach: Reach::Owned,
    fires: &[
        "app/node_modules/.cache/babel-loader/a.json",
        "app/.next/cache/webpack/a",
        "app/.nuxt/cache/a",
        "app/.turbo/a",
        "app/.angular/cache/a",
        "app/.eslintcache",
        "app/tsconfig.tsbuildinfo",
    ],
    spares: &[
        "app/.next/server/app.js",
        "app/node_modules/.cache/puppeteer/chrome/a",
        "app/node_modules/.prisma/client/index.js",
    ],
    ..Rule::PLAIN
};
