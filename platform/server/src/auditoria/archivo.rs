//! The chain in a file, and looking through it without a database: whoever has the file and an anchor of their own has to
//! trust nobody who runs this server.
use super::{
    hash::Row,
    verify::{Ancla, Roto, Walk, hex, rota},
};
use crate::store::auditoria::Link;
use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use kernel::Problem;
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
    str::FromStr,
};
use uuid::Uuid;
use zip::ZipArchive;

/// Where the lines are in a full export.
pub const RUTA: &str = "auditoria/sellos.ndjson";
/// What is longer is no row of an audit.
const LINEA_MAX: u64 = 64 << 20;

/// A link and its row as a line: all that its hash is made of.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Linea {
    numero: i64,
    /// In hexadecimal.
    resumen: String,
    fila: Option<Row>,
    /// The row, if it is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    falta: Option<Uuid>,
}

pub fn linea(Link { numero, auditoria_id, resumen, row }: Link) -> Result<Vec<u8>, Problem> {
    let falta = row.is_none().then_some(auditoria_id);
    let linea = Linea { numero, resumen: hex(&resumen), fila: row, falta };
    let mut bytes = serde_json::to_vec(&linea).map_err(Problem::internal)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// `None` of what is not, byte for byte, what [`linea`] writes.
fn read(bytes: &[u8]) -> Option<Link> {
    let bytes = bytes.strip_suffix(b"\n")?;
    let Linea { numero, resumen, fila: row, falta } = serde_json::from_slice(bytes).ok()?;
    let auditoria_id = row.as_ref().map(|row| row.id).or(falta)?;
    let link = || Some(Link { numero, auditoria_id, resumen: unhex(&resumen)?, row: row.clone() });
    (linea(link()?).ok()?.strip_suffix(b"\n") == Some(bytes)).then(link)?
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok());
    text.as_bytes().chunks(2).map(byte).collect()
}

impl FromStr for Ancla {
    type Err = String;
    /// As a letter has it: `HEX@N`.
    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (resumen, numero) = text.split_once('@')?;
            let resumen = resumen.to_ascii_lowercase();
            let whole = unhex(&resumen).is_some_and(|bytes| bytes.len() == 32 && hex(&bytes) == resumen);
            let numero = numero.parse::<i64>().ok().filter(|numero| *numero > 0)?;
            whole.then_some(Self { numero, resumen })
        };
        read().ok_or_else(|| "debe ser como en el correo: 64 cifras hexadecimales, @ y el número del eslabón".to_owned())
    }
}

/// Every anchor that a text names, such as that of the letters that somebody kept.
pub fn anclas(text: &str) -> Vec<Ancla> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '@');
    words.filter_map(|word| word.parse().ok()).collect()
}

/// What was found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeArchivo {
    /// Links that fit.
    pub eslabones: i64,
    /// When what the last of them seals was written.
    pub hasta: Option<Timestamp>,
    /// First link that does not.
    pub roto: Option<Roto>,
    /// Anchors that fit.
    pub anclas: usize,
}

impl fmt::Display for DeArchivo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { eslabones, hasta, roto, anclas } = self;
        if let Some(roto) = roto {
            return f.write_str(&rota(*roto));
        }
        write!(f, "íntegra, {eslabones} eslabones")?;
        if let Some(hasta) = hasta {
            write!(f, " hasta {hasta}")?;
        }
        match anclas {
            0 => write!(f, "; NO comparada con ningún ancla: así no se nota si alguien la rehízo entera o le cortó el final"),
            anclas => write!(f, ", {anclas} anclas"),
        }
    }
}

/// Looks through the links of a full export, or through those lines taken out of one.
pub fn verificar(path: &Path, anclas: Vec<Ancla>) -> Result<DeArchivo> {
    let shown = path.display();
    let mut file = BufReader::new(File::open(path).with_context(|| format!("no se puede leer {shown}"))?);
    let zipped = file.fill_buf().with_context(|| format!("no se puede leer {shown}"))?.starts_with(b"PK");
    let found = if zipped {
        let mut zip = ZipArchive::new(file).with_context(|| format!("{shown} no es un ZIP entero"))?;
        let entry =
            zip.by_name(RUTA).with_context(|| format!("{shown} no tiene {RUTA}: no es una exportación completa de esta versión"))?;
        recorrer(BufReader::new(entry), anclas)
    } else {
        recorrer(file, anclas)
    }?;
    ensure!(found.eslabones > 0 || found.roto.is_some(), "{shown} no tiene ningún eslabón");
    Ok(found)
}

fn recorrer(mut lines: impl BufRead, anclas: Vec<Ancla>) -> Result<DeArchivo> {
    let (mut walk, mut line) = (Walk::of(anclas), Vec::new());
    while walk.roto.is_none() {
        line.clear();
        let length = (&mut lines).take(LINEA_MAX).read_until(b'\n', &mut line);
        if length.with_context(|| format!("el archivo está dañado después del eslabón {}", walk.numero))? == 0 {
            break;
        }
        match read(&line) {
            Some(link) => walk.step(link),
            None => walk.unreadable(),
        }
    }
    walk.finish();
    Ok(DeArchivo { eslabones: walk.numero, hasta: walk.hasta(), roto: walk.roto, anclas: walk.iguales })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditoria::{
        Break,
        hash::{ZERO, link},
    };
    use kernel::ids::TenantId;
    use rstest::rstest;

    /// Three links, each with its line, and the hash of the last.
    fn file() -> (Vec<Vec<u8>>, String) {
        let mut before = ZERO;
        let made = (1..=3).map(|numero: i64| {
            let row = Row {
                tenant: TenantId(Uuid::nil()),
                id: Uuid::from_u128(numero as u128),
                xid: 7,
                en: 1_000_000,
                actor_tipo: "usuario".into(),
                actor_id: Some(Uuid::max()),
                ip: Some("127.0.0.1".into()),
                traza: None,
                sede_id: None,
                accion: "crear".into(),
                entidad: "cita".into(),
                entidad_id: None,
                ids: Some(vec![Uuid::max()]),
                antes: None,
                despues: Some("{\"nombre\": \"Ñusta\"}".into()),
            };
            before = link(&before, numero, &row);
            linea(Link { numero, auditoria_id: row.id, resumen: before.to_vec(), row: Some(row) }).expect("a line")
        });
        (made.collect(), hex(&before))
    }

    fn look(bytes: &[u8], anclas: &[&str]) -> (i64, Option<(i64, Break)>, usize) {
        let anclas = anclas.iter().map(|one| one.parse().expect("an anchor")).collect();
        let found = recorrer(bytes, anclas).expect("readable");
        (found.eslabones, found.roto.map(|(numero, _, what)| (numero, what)), found.anclas)
    }

    #[test]
    fn a_chain_that_nobody_touched_fits_its_anchor() {
        let (lines, end) = file();
        assert_eq!(look(&lines.concat(), &[]), (3, None, 0));
        assert_eq!(look(&lines.concat(), &[&format!("{end}@3"), &format!("{}@3", end.to_uppercase())]), (3, None, 2));
    }

    #[test]
    fn whatever_byte_is_changed_its_link_is_named() {
        let lines = file().0;
        for (index, line) in lines.iter().enumerate() {
            for at in 0..line.len() {
                for bit in [0x01, 0x20] {
                    let mut changed = lines.clone();
                    changed[index][at] ^= bit;
                    let named = look(&changed.concat(), &[]).1.map(|(numero, _)| numero);
                    assert_eq!(named, Some(index as i64 + 1), "byte {at} of {}", String::from_utf8_lossy(&changed[index]));
                }
            }
        }
    }

    #[rstest]
    #[case::end_cut(&[0, 1], "END@3", (3, Break::Ancla))]
    #[case::another_end(&[0, 1, 2], "0000000000000000000000000000000000000000000000000000000000000000@3", (3, Break::Ancla))]
    #[case::all_gone(&[], "END@3", (3, Break::Ancla))]
    #[case::begins_late(&[1, 2], "END@3", (1, Break::EslabonFalta))]
    #[case::one_missing(&[0, 2], "END@3", (2, Break::EslabonFalta))]
    #[case::in_disorder(&[1, 0, 2], "END@3", (1, Break::EslabonFalta))]
    fn what_is_missing_is_named(#[case] kept: &[usize], #[case] ancla: &str, #[case] expected: (i64, Break)) {
        let (lines, end) = file();
        let kept: Vec<u8> = kept.iter().flat_map(|index| lines[*index].clone()).collect();
        assert_eq!(look(&kept, &[&ancla.replace("END", &end)]).1, Some(expected));
    }

    #[test]
    fn half_a_line_and_a_row_that_is_gone_are_named() {
        let (lines, _) = file();
        let whole = lines.concat();
        assert_eq!(look(&whole[..whole.len() - 1], &[]), (2, Some((3, Break::Linea)), 0));
        let gone = linea(Link { row: None, ..read(&lines[1]).expect("a link") }).expect("a line");
        assert_eq!(look(&[&lines[0][..], &gone, &lines[2]].concat(), &[]).1, Some((2, Break::FilaFalta)));
    }

    #[test]
    fn anchors_are_found_in_the_text_of_letters() {
        let end = file().1;
        let text = format!("Asunto: sello\n\n{end}@1042\n\nde ana@ejemplo.pe, mailto:{end}@7.\n{}@8 {end}@0 {end}@x", &end[1..]);
        let found: Vec<i64> = anclas(&text).iter().map(|ancla| ancla.numero).collect();
        assert_eq!(found, [1042, 7]);
    }
}
