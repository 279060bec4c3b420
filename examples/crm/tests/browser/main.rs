//! The CRM and its bin in headless Chromium, as visitors use them: with scripts and without, on a wide screen and on a phone, by
//! mouse and by keyboard. `cargo xtask test` installs Chromium and axe-core; where `SCREENSHOTS` names a directory, pictures of the
//! pages are left there.

mod access;
mod chrome;
mod crm;
mod journey;
mod visitor;
