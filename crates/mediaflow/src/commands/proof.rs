//! `mediaflow proof JOB`

use std::process::ExitCode;

use mediaflow_core::proof::Conclusion;

use crate::app::App;
use crate::cli::ProofArgs;
use crate::commands::jobs::found;
use crate::config::Config;
use crate::show::{self, Error};

pub fn run(config: &Config, args: &ProofArgs) -> Result<ExitCode, Error> {
    let app = App::open(config)?;
    let job = found(app.store.read(|r| r.job(args.job)))?;
    let Some(stored) = app.store.read(|r| r.proof_of_job(job.id))? else {
        let state = job.reason.unwrap_or_else(|| job.status.to_string());
        return Err(Error::Usage(format!("job {} made no output that could be proven: {state}", job.id)));
    };
    let proof = stored.proof;
    if config.json {
        show::json(&proof);
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = show::table(&["Check", "Held", "Measured"], &[]);
    for check in &proof.checks {
        table.add_row([check.check.as_str(), if check.passed { "yes" } else { "NO" }, check.measured.as_str()]);
    }
    show::line(&format!("Job {}: {}", job.id, job.path));
    show::line(&table.to_string());
    show::line(match proof.conclusion() {
        Conclusion::Proven => "Proven.",
        Conclusion::NotWorthIt => "Right, but not worth it: the original stays.",
        Conclusion::Rejected => "Rejected: the original stays.",
    });
    show::line(&format!(
        "output {} ({} bytes), measured by ffmpeg {}",
        proof.output_hash, proof.output_bytes, proof.tools
    ));
    Ok(ExitCode::SUCCESS)
}
