//! Languages of tracks, whichever of ISO 639's codes a file or a person writes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// ISO 639: two letters (part 1), then three (part 2), the bibliographic code before the terminological one where they
/// differ. Files carry either: Matroska's tools write `ger`, MP4's write `deu`.
const CODES: &str = "aa aar;ab abk;ae ave;af afr;ak aka;am amh;an arg;ar ara;as asm;av ava;ay aym;az aze;ba bak;be bel;\
    bg bul;bh bih;bi bis;bm bam;bn ben;bo tib bod;br bre;bs bos;ca cat;ce che;ch cha;co cos;cr cre;cs cze ces;cu chu;\
    cv chv;cy wel cym;da dan;de ger deu;dv div;dz dzo;ee ewe;el gre ell;en eng;eo epo;es spa;et est;eu baq eus;\
    fa per fas;ff ful;fi fin;fj fij;fo fao;fr fre fra;fy fry;ga gle;gd gla;gl glg;gn grn;gu guj;gv glv;ha hau;he heb;\
    hi hin;ho hmo;hr hrv;ht hat;hu hun;hy arm hye;hz her;ia ina;id ind;ie ile;ig ibo;ii iii;ik ipk;io ido;is ice isl;\
    it ita;iu iku;ja jpn;jv jav;ka geo kat;kg kon;ki kik;kj kua;kk kaz;kl kal;km khm;kn kan;ko kor;kr kau;ks kas;\
    ku kur;kv kom;kw cor;ky kir;la lat;lb ltz;lg lug;li lim;ln lin;lo lao;lt lit;lu lub;lv lav;mg mlg;mh mah;\
    mi mao mri;mk mac mkd;ml mal;mn mon;mr mar;ms may msa;mt mlt;my bur mya;na nau;nb nob;nd nde;ne nep;ng ndo;\
    nl dut nld;nn nno;no nor;nr nbl;nv nav;ny nya;oc oci;oj oji;om orm;or ori;os oss;pa pan;pi pli;pl pol;ps pus;\
    pt por;qu que;rm roh;rn run;ro rum ron;ru rus;rw kin;sa san;sc srd;sd snd;se sme;sg sag;si sin;sk slo slk;sl slv;\
    sm smo;sn sna;so som;sq alb sqi;sr srp;ss ssw;st sot;su sun;sv swe;sw swa;ta tam;te tel;tg tgk;th tha;ti tir;\
    tk tuk;tl tgl;tn tsn;to ton;tr tur;ts tso;tt tat;tw twi;ty tah;ug uig;uk ukr;ur urd;uz uzb;ve ven;vi vie;vo vol;\
    wa wln;wo wol;xh xho;yi yid;yo yor;za zha;zh chi zho;zu zul";

/// A language, by its bibliographic code of ISO 639-2, or of ISO 639-3 where it has no other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(String);

impl Language {
    /// Reads a code: `de`, `ger`, `deu` and `de-AT` are one language. `None` for what is no code, and for the codes that
    /// say "unknown" or "none".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim().split(['-', '_']).next()?.to_ascii_lowercase();
        if !code.bytes().all(|byte| byte.is_ascii_lowercase()) || matches!(code.as_str(), "und" | "zxx" | "mis" | "mul")
        {
            return None;
        }
        let known = CODES.split(';').find(|entry| entry.split(' ').any(|known| known == code));
        match (known.and_then(|entry| entry.split(' ').nth(1)), code.len()) {
            (Some(bibliographic), _) => Some(Self(bibliographic.to_owned())),
            (None, 3) => Some(Self(code)),
            (None, _) => None,
        }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_codes_of_a_language_are_that_language() {
        for text in ["de", "ger", "deu", "DE", "de-AT", "deu_CH", " ger "] {
            assert_eq!(Language::parse(text).map(|language| language.0).as_deref(), Some("ger"), "{text:?}");
        }
        assert_eq!(Language::parse("pt-BR"), Language::parse("por"));
        assert_eq!(Language::parse("yue").map(|language| language.0).as_deref(), Some("yue"), "only ISO 639-3 has it");
        for text in ["", "und", "xx", "english", "e", "12"] {
            assert_eq!(Language::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_table_has_every_two_letter_code_once() {
        let mut codes: Vec<&str> = CODES.split(';').map(|entry| entry.split(' ').next().unwrap_or("")).collect();
        assert_eq!(codes.len(), 184);
        codes.dedup();
        assert_eq!(codes.len(), 184);
        assert!(codes.is_sorted() && CODES.split(';').all(|entry| matches!(entry.len(), 6 | 10)));
    }
}
