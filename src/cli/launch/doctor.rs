//! `doctor`: the settings, and an engine that is ended again.

use super::{settings, start};
use crate::{
    cli::{
        args::Global,
        commands::doctor::{self, Ground},
        exit::Outcome,
        io::Io,
    },
    config,
};

/// Checks what is there, the engine included, and ends it again.
///
/// # Errors
/// As [`doctor::run`].
pub async fn doctor(global: &Global, io: &mut Io) -> Outcome {
    let (settings, warnings) = match settings(global) {
        Ok(loaded) => loaded,
        Err(fault) => {
            let ground = Ground { config: Some(Err(fault.clone())), ..Ground::default() };
            return doctor::run(&ground, Err(&fault), io, &config::environment).await;
        }
    };
    let file = global.config.clone().unwrap_or_else(|| settings.paths.config_file());
    let ground = Ground {
        config: file.exists().then_some(Ok(file)),
        warnings: warnings.iter().map(ToString::to_string).collect(),
        data_dir: Some(settings.data_dir.clone()),
        image: None,
        attached: None,
    };
    match start(global, &settings).await {
        Ok(running) => {
            let ground = Ground { attached: running.attached, ..ground };
            let outcome = doctor::run(&ground, Ok(&running.handle), io, &config::environment).await;
            running.end().await;
            outcome
        }
        Err(fault) => doctor::run(&ground, Err(&fault), io, &config::environment).await,
    }
}
