//! Takes the settings of linters, test runners and build services from installed JavaScript packages.

use crate::rules::builtin::SCAFFOLDS;
use crate::rules::rule::{Level, Reach, Rule, When};

pub(in crate::rules) static RULE: Rule = Rule {
    name: "node-dev-files",
    level: Level::Standard,
    summary: "Takes the settings of linters, test runners and build services from installed JavaScript packages.",
    caveat: "A linter that is a run-time dependency misses its own settings.",
    source: "tj/node-prune",
    remove: &[
        "**/node_modules/**/{.travis.yml,.eslintrc*,.eslintignore,.prettierrc*,.prettierignore,.editorconfig,.npmignore,.gitattributes,.jshintrc,.jscsrc,.flowconfig,.nycrc*,.c8rc*,.coveralls.yml,.codeclimate.yml,.zuul.yml,.airtap.yml,.taprc,.babelrc,.swcrc,.dockerignore}",
        "**/node_modules/**/{appveyor.yml,.appveyor.yml,circle.yml,karma.conf.js,jest.config.*,wallaby*.js,tslint.json,Gruntfile.js,Gulpfile.js,gulpfile.js,Jenkinsfile,bower.json,.yarnrc}",
        "**/node_modules/**/{.github,.circleci,.vscode,.idea,.nyc_output,.husky,.changeset}",
    ],
    keep: SCAFFOLDS,
    when: &[When::RunsNone(&[
        "eslint", "prettier", "jest", "mocha", "karma", "gulp", "grunt", "xo", "standard", "tslint",
    ])],
    reach: Reach::Owned,
    fires: &[
        "app/node_modules/a/.travis.yml",
        "app/node_modules/@x/a/.eslintrc.js",
        "app/node_modules/a/jest.config.js",
        "app/node_modules/a/.github/x.yml",
    ],
    spares: &[
        "app/.eslintrc.js",
        "app/node_modules/a/package.json",
        "app/node_modules/a/index.js",
        "app/node_modules/create-a/template/.editorconfig",
    ],
    ..Rule::PLAIN
};
