//! Recommendations and verdicts.

use mediaflow_core::identity::Hash;
use mediaflow_core::job::{Ending, Verdict};
use mediaflow_store::{
    AnalysisTotals, CatalogEntry, File, NewRecommendation, Recommendation, RecommendationList, RecommendationSort,
    RecommendationState, RecommendationTotals,
};

use crate::fixture::{Fixture, balanced, content, seen};

fn new(file: &File, kind: &'static str, savings_bytes: u64) -> NewRecommendation<'static> {
    NewRecommendation {
        file_id: file.id,
        generation: file.generation,
        kind,
        severity: "warning",
        priority: 50.0,
        confidence: 0.5,
        savings_bytes,
        title: "Re-encode",
        reason: "old codec",
        preset: "Balanced",
        policy: balanced().settings.policy(),
    }
}

fn analyse(fixture: &Fixture, found: &[NewRecommendation<'_>]) -> AnalysisTotals {
    fixture
        .store
        .write(|tx| {
            let run = tx.analysis_begin(None, "test")?;
            for recommendation in found {
                tx.recommend(run, recommendation)?;
            }
            tx.analysis_end(run, 10)
        })
        .unwrap()
}

fn open(fixture: &Fixture) -> Vec<Recommendation> {
    fixture.store.read(|r| r.recommendations_open(100, 0)).unwrap()
}

#[test]
fn a_new_run_renews_what_still_holds_and_drops_the_rest() {
    let fixture = Fixture::new();
    let [a, b] = ["a.mkv", "b.mkv"].map(|name| fixture.file(name));
    analyse(&fixture, &[new(&a, "codec", 10), new(&b, "codec", 20)]);
    let before = open(&fixture);
    assert_eq!(before.iter().map(|r| r.file.id).collect::<Vec<_>>(), [b.id, a.id], "the larger saving first");
    analyse(&fixture, &[new(&a, "codec", 15)]);
    let after = open(&fixture);
    assert_eq!((after.len(), after[0].id, after[0].savings_bytes), (1, before[1].id, 15));
}

#[test]
fn two_reasons_for_one_file_save_its_bytes_once() {
    let fixture = Fixture::new();
    let [a, b] = ["a.mkv", "b.mkv"].map(|name| fixture.file(name));
    let totals = analyse(&fixture, &[new(&a, "codec", 10), new(&a, "container", 4), new(&b, "codec", 20)]);
    assert_eq!(totals, AnalysisTotals { recommendations: 3, savings_bytes: 30 });
}

#[test]
fn a_dismissal_lasts_until_the_file_changes() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    analyse(&fixture, &[new(&file, "codec", 10)]);
    fixture.store.write(|tx| tx.recommendation_dismiss(open(&fixture)[0].id)).unwrap();
    analyse(&fixture, &[new(&file, "codec", 10)]);
    assert_eq!(open(&fixture), []);
    fixture.store.write(|tx| tx.file_put(&fixture.storage, None, &seen("a.mkv", 1000, "upgraded"))).unwrap();
    let file = fixture.store.read(|r| r.file(file.id)).unwrap();
    analyse(&fixture, &[new(&file, "codec", 10)]);
    assert_eq!(open(&fixture).len(), 1);
}

#[test]
fn a_recommendation_for_bytes_that_are_gone_is_not_open() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    analyse(&fixture, &[new(&file, "codec", 10)]);
    fixture.store.write(|tx| tx.file_put(&fixture.storage, None, &seen("a.mkv", 1000, "upgraded"))).unwrap();
    assert_eq!(open(&fixture), []);
}

#[test]
fn what_was_acted_on_opens_again_when_its_job_came_to_nothing() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    analyse(&fixture, &[new(&file, "codec", 10)]);
    let job = fixture.queue(&file, "1").unwrap();
    fixture.store.write(|tx| tx.recommendation_action(open(&fixture)[0].id)).unwrap();
    analyse(&fixture, &[new(&file, "codec", 10)]);
    assert_eq!(open(&fixture), [], "its job is still to come");
    fixture.end(job, Ending::Cancelled).unwrap();
    analyse(&fixture, &[new(&file, "codec", 10)]);
    assert_eq!(open(&fixture).len(), 1);
}

#[test]
fn a_verdict_follows_the_content_and_is_shown_beside_the_recommendation() {
    let fixture = Fixture::new();
    let file = fixture.file("a.mkv");
    let policy = balanced().settings.policy();
    analyse(&fixture, &[new(&file, "codec", 10)]);
    assert_eq!(open(&fixture)[0].verdict, None);
    let verdict = Verdict::NotWorthIt { reason: "saved 1 %".to_owned() };
    fixture.store.write(|tx| tx.verdict_put(&file.content.unwrap(), &policy, &verdict)).unwrap();
    assert_eq!(open(&fixture)[0].verdict, Some(verdict.clone()));

    // The same film under another name, and another policy over the same film.
    let copy = seen("copy.mkv", 1000, "a.mkv").content.unwrap();
    assert_eq!(fixture.store.read(|r| r.verdict(&copy, &policy)).unwrap(), Some(verdict));
    assert_eq!(fixture.store.read(|r| r.verdict(&copy, &Hash::of_bytes(b"other"))).unwrap(), None);
}

#[test]
fn failures_count_up_to_the_limit_and_never_soften_a_verdict() {
    let fixture = Fixture::new();
    let (film, policy) = (content(5, "film"), Hash::of_bytes(b"policy"));
    let fail = || fixture.store.write(|tx| tx.verdict_failed(&film, &policy, "killed")).unwrap();
    for count in 1..=4 {
        let verdict = fail();
        assert_eq!(verdict, Verdict::Failed { count, reason: "killed".to_owned() });
        assert_eq!((verdict.allows_queueing(3), verdict.allows_queueing(0)), (count <= 3, false), "{count}");
    }
    fixture.store.write(|tx| tx.verdict_clear(&film, None)).unwrap();
    assert_eq!(fail(), Verdict::Failed { count: 1, reason: "killed".to_owned() });
    fixture.store.write(|tx| tx.verdict_put(&film, &policy, &Verdict::Undone)).unwrap();
    assert_eq!(fail(), Verdict::Undone);
}

#[test]
fn lists_are_by_state_kind_and_library_and_their_totals_count_a_file_once() {
    let fixture = Fixture::new();
    let [a, b, c] = ["a.mkv", "b.mkv", "c.mkv"].map(|name| fixture.file(name));
    let library = fixture
        .store
        .write(|tx| {
            let library = tx.folder_put(&fixture.storage, None, "Films", "movie")?;
            let entry = CatalogEntry {
                item_key: "a",
                item_type: "movie",
                title: "A",
                year: None,
                version_key: "",
                position: 0,
            };
            tx.catalog_put(library.id, a.id, &[entry])?;
            Ok(library)
        })
        .unwrap();
    analyse(&fixture, &[new(&a, "codec", 10), new(&a, "container", 4), new(&b, "codec", 20), new(&c, "codec", 30)]);
    let all = open(&fixture);
    let of = |file: &File, kind: &str| all.iter().find(|r| r.file.id == file.id && r.kind == kind).unwrap().id;
    let (of_b, of_c) = (of(&b, "codec"), of(&c, "codec"));
    fixture.store.write(|tx| tx.recommendation_accept(of_b)).unwrap();
    fixture.store.write(|tx| tx.recommendation_dismiss(of_c)).unwrap();

    let everything = RecommendationList {
        states: &[],
        kind: None,
        library_id: None,
        sort: RecommendationSort::Savings,
        limit: 100,
        offset: 0,
    };
    let list = |list: &RecommendationList<'_>| -> (Vec<u64>, RecommendationTotals) {
        let found = fixture.store.read(|r| r.recommendations(list)).unwrap();
        let totals = fixture.store.read(|r| r.recommendation_totals(list)).unwrap();
        (found.iter().map(|r| r.savings_bytes).collect(), totals)
    };
    let totals = |count, savings_bytes| RecommendationTotals { count, savings_bytes };
    assert_eq!(list(&everything), (vec![30, 20, 10, 4], totals(4, 60)));
    assert_eq!(list(&RecommendationList { limit: 2, offset: 1, ..everything }), (vec![20, 10], totals(4, 60)));
    let waiting = RecommendationList { states: &[RecommendationState::Open], ..everything };
    assert_eq!(list(&waiting), (vec![10, 4], totals(2, 10)));
    let answered =
        RecommendationList { states: &[RecommendationState::Accepted, RecommendationState::Dismissed], ..everything };
    assert_eq!(list(&answered), (vec![30, 20], totals(2, 50)));
    assert_eq!(list(&RecommendationList { kind: Some("container"), ..everything }).0, [4]);
    assert_eq!(list(&RecommendationList { library_id: Some(library.id), ..everything }).0, [10, 4]);

    // The file of the accepted one changes: its wish was for other bytes.
    fixture.store.write(|tx| tx.file_put(&fixture.storage, None, &seen("b.mkv", 1000, "upgraded"))).unwrap();
    assert_eq!(list(&answered).0, [30]);
    fixture.store.write(|tx| tx.library_delete(library.id)).unwrap();
    assert_eq!(list(&everything).0, [30], "what was recommended for a library goes with it");
}
