//! A good output, and the proof of what was made of it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mediaflow_core::media::preset::find_builtin;
use mediaflow_core::media::tag::Mark;
use mediaflow_core::plan::{Intent, plan};
use mediaflow_core::proof::Proof;
use mediaflow_engine::dynamic;
use mediaflow_engine::run::measure::{Measurer, Tools};
use mediaflow_engine::run::prove::{MeasuredSource, Subject, measure_source, prove};
use mediaflow_ffmpeg::abilities::Abilities;
use mediaflow_ffmpeg::binding::{Places, Program, bind};
use mediaflow_ffmpeg::measure::SourceState;
use mediaflow_testkit::damage;
use mediaflow_transport::cancel::Cancel;
use mediaflow_transport::process::{self, Invocation};
use mediaflow_transport::storage::content::content_id;

use crate::item::Item;
use crate::row::Row;

/// A source, measured, and an output of it that the pipeline made.
pub struct GoodOutput<'a> {
    tools: &'a Tools,
    intent: Intent,
    source_path: PathBuf,
    source: MeasuredSource,
    path: PathBuf,
}

impl<'a> GoodOutput<'a> {
    pub fn make(item: &Item, tools: &'a Tools, dir: &Path) -> Self {
        let cancel = Cancel::new();
        let measurer = Measurer { tools, cancel: &cancel };
        let source_path = item.source.make(&tools.ffmpeg, dir);
        let (info, _) = measurer.probe(&source_path).unwrap();
        let mut preset = find_builtin(item.preset).unwrap();
        (item.change)(&mut preset.settings);
        let intent = plan(&info, &preset.settings).unwrap();
        let mut file = File::open(&source_path).unwrap();
        let content = content_id(&mut file, fs::metadata(&source_path).unwrap().len()).unwrap();
        let source = measure_source(measurer, &intent, &source_path, content, dir, &mut |_| {}).unwrap();
        assert_eq!(source.state, SourceState::Clean, "{}", item.source);
        let path = dir.join("good.mkv");
        let places = Places { input: source_path.as_os_str(), output: path.as_os_str(), work: dir };
        for run in bind(&intent, &Mark::new("damage-corpus", &intent.policy), &Abilities::default()).runs {
            let args = run.resolve(places);
            if run.program == Program::Own {
                dynamic::step(&args).unwrap();
                continue;
            }
            let run = process::run(&Invocation::new(&tools.ffmpeg, args).in_dir(dir), &cancel).unwrap();
            assert!(run.success(), "encoding {}: {:?}", item.source, run.finished.stderr_lines);
        }
        Self { tools, intent, source_path, source, path }
    }

    /// Spoils the output in every way that applies and proves each, on as many threads as there are cores.
    pub fn prove_variants(&self, item: &Item, dir: &Path) -> Vec<Row> {
        let mut rows = vec![Row::new(item, "untouched", true, &self.prove(&self.path, dir))];
        let next = AtomicUsize::new(0);
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        thread::scope(|scope| {
            let workers: Vec<_> = (0..cores)
                .map(|number| {
                    let (dir, next) = (dir.join(number.to_string()), &next);
                    scope.spawn(move || self.prove_next_variants(item, &dir, next))
                })
                .collect();
            rows.extend(workers.into_iter().flat_map(|worker| worker.join().unwrap()));
        });
        rows
    }

    fn prove_next_variants(&self, item: &Item, dir: &Path, next: &AtomicUsize) -> Vec<Row> {
        fs::create_dir(dir).unwrap();
        let (ffmpeg, ffprobe) = (&self.tools.ffmpeg, &self.tools.ffprobe);
        let bench = damage::Bench::new(ffmpeg, ffprobe, &self.source_path, &self.path, dir).unwrap();
        let variants: Vec<_> =
            damage::variants(&bench).into_iter().filter(|variant| (item.variants)(variant.name)).collect();
        let mut rows = Vec::new();
        while let Some(variant) = variants.get(next.fetch_add(1, Ordering::Relaxed)) {
            let spoiled = damage::spoil(&bench, *variant).unwrap();
            rows.push(Row::new(item, spoiled.name, spoiled.is_good, &self.prove(&spoiled.path, dir)));
            fs::remove_file(&spoiled.path).unwrap();
        }
        rows
    }

    fn prove(&self, output_path: &Path, work: &Path) -> Proof {
        let cancel = Cancel::new();
        let measurer = Measurer { tools: self.tools, cancel: &cancel };
        let subject = Subject {
            intent: &self.intent,
            source_path: &self.source_path,
            source: &self.source,
            output_path,
            work,
            replaces: true,
        };
        prove(measurer, subject, &mut |_| {}).unwrap().proof
    }
}
