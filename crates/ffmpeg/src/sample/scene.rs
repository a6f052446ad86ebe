//! Pictures and sound out of nothing, as filter graphs for ffmpeg's `lavfi` input.
//!
//! The pictures move, cut and carry a little grain, so that encoders have the work they have with film.

/// What is seen.
#[derive(Debug, Clone, Copy)]
pub enum Scene {
    /// A slow flight over a still fractal coast, at one of its places (0, 1, 2).
    Coast(usize),
    /// A flight into a fractal.
    Dive,
    /// The same flight at dusk: the light goes and the colours turn.
    Dusk(usize),
    /// Cells that live and die, from a seed.
    Cells(u32),
    /// A test card with a running clock.
    Card,
}

/// Centre and scale of the places on the fractal's edge, chosen by eye.
const COASTS: [(f64, f64, f64); 3] = [(-0.7463, 0.1102, 0.005), (-1.2537, 0.0470, 0.012), (-0.1607, 1.0376, 0.016)];

/// How a clip looks: its size and frame rate, and its scenes with their seconds.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Frames per second.
    pub rate: u32,
    /// What is seen, and for how many seconds.
    pub scenes: Vec<(Scene, u32)>,
}

impl Picture {
    /// 640×360 at 24 frames per second.
    pub fn film(scenes: &[(Scene, u32)]) -> Self {
        Self { width: 640, height: 360, rate: 24, scenes: scenes.to_vec() }
    }

    /// Length in seconds.
    pub fn seconds(&self) -> u32 {
        self.scenes.iter().map(|(_, seconds)| seconds).sum()
    }

    /// The graph.
    pub fn graph(&self) -> String {
        let parts: Vec<String> = self.scenes.iter().map(|(scene, seconds)| self.shot(*scene, *seconds)).collect();
        let labels: String = (0..parts.len()).map(|n| format!("[s{n}]")).collect();
        let shots: String = parts.iter().enumerate().map(|(n, part)| format!("{part}[s{n}];")).collect();
        format!("{shots}{labels}concat=n={}:v=1:a=0", parts.len())
    }

    fn shot(&self, scene: Scene, seconds: u32) -> String {
        let Self { width, height, rate, .. } = *self;
        let frames = seconds * rate;
        let source = match scene {
            Scene::Coast(place) => self.flight(place),
            Scene::Dusk(place) => format!("{},hue=h=25*t:b='0.8*sin(t)'", self.flight(place)),
            Scene::Dive => format!(
                "mandelbrot=s={width}x{height}:rate={rate}:maxiter=300:start_scale=1.5:end_scale=0.02:end_pts={frames},\
                 gblur=sigma=0.8"
            ),
            Scene::Cells(seed) => format!(
                "life=s={}x{}:r={rate}:seed={seed}:mold=20:life_color=#f4d58d:death_color=#0b2545:mold_color=#8da9c4,\
                 scale={width}:{height}:flags=bicubic,gblur=sigma=2",
                width / 8,
                height / 8
            ),
            Scene::Card => format!("testsrc2=s={width}x{height}:r={rate}"),
        };
        format!(
            "{source},trim=end_frame={frames},setpts=PTS-STARTPTS,setsar=1,format=yuv420p,noise=alls=3:allf=t:all_seed=1"
        )
    }

    /// One wide still, along which a window glides: as a camera does, and cheap to make.
    fn flight(&self, place: usize) -> String {
        let Self { width, height, rate, .. } = *self;
        let (x, y, scale) = COASTS[place % COASTS.len()];
        let (wide, high) = (width * 3 / 2, height * 3 / 2);
        format!(
            "mandelbrot=s={wide}x{high}:rate={rate}:maxiter=300:start_x={x}:start_y={y}:start_scale={scale}:\
             end_scale={scale},trim=end_frame=1,gblur=sigma=1,hue=s=0.6,format=yuv444p,loop=-1:1:0,\
             setpts=N/{rate}/TB,crop={width}:{height}:x='(iw-ow)/2*(1+sin(t/4))':y='(ih-oh)/2*(1+cos(t/5))'"
        )
    }
}

/// Sound of some seconds: for each channel a rising tone that swells, starting at one of `tones_hz`. It repeats
/// nowhere, so a part that is missing or late shows.
pub fn sound(tones_hz: &[u32], layout: &str, seconds: u32) -> String {
    let channels: Vec<String> =
        tones_hz.iter().map(|tone| format!("0.2*sin(2*PI*({tone}*t+7*t*t))*(0.6+0.4*sin(2*PI*t*1.3))")).collect();
    format!("aevalsrc='{}':c={layout}:s=48000:d={seconds}", channels.join("|"))
}
