//! `man`: the manual page, with what each command understands.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::args::Arguments;

/// The page, for `man -l`.
pub(crate) fn page() -> io::Result<Vec<u8>> {
    let program = <Arguments>::command();
    let name = program.get_name().to_owned();
    let mut page = Vec::new();
    Man::new(program.clone()).render(&mut page)?;
    commands(&name, &program, &mut page)?;
    Ok(page)
}

// A section for each command, and for those of a command; what all of them understand stands above.
fn commands(above: &str, command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    for command in command.get_subcommands() {
        let name = format!("{above} {}", command.get_name());
        let man = Man::new(command.clone().bin_name(&name).disable_help_flag(true));
        let mut parts = Vec::new();
        man.render_synopsis_section(&mut parts)?;
        man.render_description_section(&mut parts)?;
        if command.get_arguments().next().is_some() {
            man.render_options_section(&mut parts)?;
        }
        let parts = String::from_utf8_lossy(&parts).replace(".SH ", ".SS ");
        page.extend(format!(".SH \"{}\"\n{parts}", name.to_uppercase()).bytes());
        commands(&name, command, page)?;
    }
    Ok(())
}
