use super::house::House;
use mediaflow_core::path::RelPath;
use mediaflow_transport::storage::{RemoteStorage, Storage};
use std::time::Instant;
#[test]
fn zz_time() {
    let house = House::new().unwrap();
    std::fs::write(house.dir.path().join("film"), "film").unwrap();
    let s = RemoteStorage::new(house.machine(), house.dir.path());
    let f = RelPath::new("film").unwrap();
    for what in ["look", "look", "look", "absent", "content", "create", "syncfolder", "link", "lock", "lock"] {
        let t = Instant::now();
        match what {
            "look" => drop(s.look(&f).unwrap()),
            "absent" => drop(s.look(&RelPath::new("x").unwrap()).unwrap()),
            "content" => drop(s.content_id(&f).unwrap()),
            "create" => { let mut n = s.create(&RelPath::new("n").unwrap()).unwrap(); n.write_all(b"x").unwrap(); n.sync().unwrap(); n.close().unwrap(); }
            "syncfolder" => s.sync_folder(None).unwrap(),
            "link" => s.link(&f, &RelPath::new("l").unwrap()).unwrap(),
            _ => drop(s.lock(&f).unwrap()),
        }
        println!("{what} {:?}", t.elapsed());
    }
}
