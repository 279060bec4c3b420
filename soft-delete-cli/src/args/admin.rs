//! How the recycle bin is served as a web page.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Serves the pages until Ctrl-C or SIGTERM; prints a link that lets somebody in once, unless users are given.
    Serve(Serve),
    /// Reads a password and prints its hash, for the file of users: name:role:hash.
    Hash,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Where; anything but this machine needs users.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(crate) listen: std::net::SocketAddr,
    /// Who may sign in: a line for each, name:role:hash; roles are viewer, restorer and administrator.
    #[arg(long, env = "SOFT_DELETE_ADMIN_USERS_FILE", value_name = "FILE")]
    pub(crate) users: Option<PathBuf>,
    /// Lets in whoever reaches the address, on this machine only.
    #[arg(long, conflicts_with = "users")]
    pub(crate) no_login: bool,
    /// Readers come by HTTPS, through a proxy.
    #[arg(long)]
    pub(crate) behind_tls: bool,
}
