//! Walking a chain from its first link, and naming the first thing that does not fit.
use super::{
    anchor::{self, Anchor},
    hash::{Hash, ZERO, link},
};
use crate::store::auditoria::{self as store, Link, Tenant};
use jiff::{SignedDuration, Timestamp};
use kernel::{Problem, SystemCtx, ids::TenantId};
use std::fmt;
use uuid::Uuid;

const BATCH: i64 = 5_000;

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Break {
    /// The row is not what was sealed.
    Fila,
    /// The row is gone.
    FilaFalta,
    /// A number is missing.
    EslabonFalta,
    /// The link itself was changed.
    Eslabon,
    /// A line of a file is not what was written there.
    Linea,
    /// The chain does not contain what was anchored outside the database.
    Ancla,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fila => "la fila de auditoría fue cambiada",
            Self::FilaFalta => "la fila de auditoría fue borrada",
            Self::EslabonFalta => "falta el eslabón",
            Self::Eslabon => "el eslabón fue cambiado",
            Self::Linea => "la línea del archivo fue cambiada o está incompleta",
            Self::Ancla => "la cadena no contiene lo que se ancló",
        })
    }
}

/// A link that does not fit, its audit row, and what is wrong.
pub type Roto = (i64, Option<Uuid>, Break);

pub(super) fn rota((numero, id, what): Roto) -> String {
    let fila = id.map(|id| format!(", fila {id}")).unwrap_or_default();
    format!("ROTA en el eslabón {numero}{fila}: {what}")
}

/// What was found in the chain of one tenant.
#[derive(Debug, Clone)]
pub struct Verified {
    pub clave: String,
    pub tenant: TenantId,
    /// Links that fit.
    pub eslabones: i64,
    /// When what the last of them seals was written.
    pub hasta: Option<Timestamp>,
    /// First link that does not.
    pub roto: Option<Roto>,
    pub sin_sellar: i64,
    pub sin_sellar_desde: Option<Uuid>,
    /// Anchors that were compared; `None` if the file store does not answer.
    pub anclas: Option<usize>,
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { clave, eslabones, sin_sellar, .. } = self;
        let anclas = self.anclas.map_or("anclas NO comparadas: el almacén de archivos no responde".into(), |n| format!("{n} anclas"));
        match self.roto {
            None => write!(f, "{clave}: íntegra, {eslabones} eslabones, {anclas}")?,
            Some(roto) => write!(f, "{clave}: {}", rota(roto))?,
        }
        match self.sin_sellar_desde {
            Some(id) if *sin_sellar > 0 => write!(f, "; {sin_sellar} filas sin sellar desde {id}"),
            _ => Ok(()),
        }
    }
}

/// Verifies every chain, or the one of that key.
pub async fn verify(system: &SystemCtx, cadena: Option<&str>) -> Result<Vec<Verified>, Problem> {
    let mut tx = system.begin_jobs().await?;
    let tenants = store::tenants(&mut tx).await?;
    drop(tx);
    let mut all = Vec::new();
    for tenant in tenants.into_iter().filter(|tenant| cadena.is_none_or(|clave| clave == tenant.clave)) {
        all.push(one(system, tenant).await?);
    }
    Ok(all)
}

/// How often a chain is looked at: every night would be every day too.
const CADA: SignedDuration = SignedDuration::from_hours(24);

/// Looks at the chain that nobody looked at for longest, if that is a day ago, and keeps what was found where its people read
/// it. `true` if there may be another one.
pub async fn revisar(system: &SystemCtx) -> Result<bool, Problem> {
    let mut tx = system.begin_jobs().await?;
    let due = store::to_review(&mut tx, system.app().now() - CADA).await?;
    drop(tx);
    let Some(tenant) = due else { return Ok(false) };
    let verified = one(system, tenant).await?;
    if let Some((numero, _, what)) = verified.roto {
        tracing::error!(cadena = verified.clave, eslabon = numero, que = %what, "an audit chain is broken");
    }
    let mut tx = system.begin_jobs().await?;
    store::reviewed(&mut tx, system.app().now(), &verified).await?;
    tx.commit().await?;
    Ok(true)
}

async fn one(system: &SystemCtx, tenant: Tenant) -> Result<Verified, Problem> {
    let found = anchor::recent(system, tenant.id).await;
    let compared = found.is_some();
    let mut walk = Walk::of(found.into_iter().flatten().map(Ancla::from).collect());
    'chain: loop {
        // A transaction per batch: a long one would hold back vacuum, and a chain only grows at its end.
        let mut tx = system.begin_jobs().await?;
        let links = store::links_after(&mut tx, tenant.id, walk.numero, BATCH).await?;
        drop(tx);
        if links.is_empty() {
            break;
        }
        for link in links {
            walk.step(link);
            if walk.roto.is_some() {
                break 'chain;
            }
        }
    }
    walk.finish();
    let mut tx = system.begin_jobs().await?;
    let (sin_sellar, sin_sellar_desde) = store::unsealed_of(&mut tx, tenant.id).await?;
    Ok(Verified {
        clave: tenant.clave,
        tenant: tenant.id,
        eslabones: walk.numero,
        hasta: walk.hasta(),
        roto: walk.roto,
        sin_sellar,
        sin_sellar_desde,
        anclas: compared.then_some(walk.iguales),
    })
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The end of a chain as it was written down outside of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancla {
    pub numero: i64,
    /// In hexadecimal.
    pub resumen: String,
}

impl From<Anchor> for Ancla {
    fn from(Anchor { numero, resumen, .. }: Anchor) -> Self {
        Self { numero, resumen }
    }
}

/// How far a chain was followed.
#[derive(Default)]
pub(super) struct Walk {
    pub numero: i64,
    /// Hash that the last link holds, which the next one was made from.
    stored: Hash,
    /// When the last row was written, in microseconds.
    en: Option<i64>,
    /// A link that does not fit its row. The next one tells whether row or link was changed.
    suspect: Option<(i64, Uuid)>,
    pub roto: Option<Roto>,
    anclas: Vec<Ancla>,
    /// Anchors that fit.
    pub iguales: usize,
}

impl Walk {
    pub fn of(anclas: Vec<Ancla>) -> Self {
        Self { anclas, ..Self::default() }
    }

    pub fn step(&mut self, found: Link) {
        let before = if self.numero == 0 { ZERO } else { self.stored };
        if found.numero != self.numero + 1 {
            self.settle(Break::Fila);
            self.roto.get_or_insert((self.numero + 1, None, Break::EslabonFalta));
            return;
        }
        let Some(row) = &found.row else {
            self.settle(Break::Fila);
            self.roto.get_or_insert((found.numero, Some(found.auditoria_id), Break::FilaFalta));
            return;
        };
        let fits = found.resumen == link(&before, found.numero, row);
        if self.suspect.is_some() {
            // This link was made from the one before: if it fits, that one still holds its true hash.
            return self.settle(if fits { Break::Fila } else { Break::Eslabon });
        }
        (self.numero, self.en) = (found.numero, Some(row.en));
        self.stored = found.resumen.try_into().unwrap_or(ZERO);
        if !fits {
            self.suspect = Some((found.numero, found.auditoria_id));
        }
        self.compare();
    }

    /// What stands where the next link should.
    pub fn unreadable(&mut self) {
        self.settle(Break::Fila);
        self.roto.get_or_insert((self.numero + 1, None, Break::Linea));
    }

    /// With all that was written down of this link elsewhere.
    fn compare(&mut self) {
        let of_here = self.anclas.iter().filter(|ancla| ancla.numero == self.numero);
        let same: Vec<bool> = of_here.map(|ancla| ancla.resumen == hex(&self.stored)).collect();
        self.iguales += same.iter().filter(|same| **same).count();
        if same.contains(&false) {
            // What fits neither its row nor its anchor is what was changed.
            self.settle(Break::Eslabon);
            self.roto.get_or_insert((self.numero, None, Break::Ancla));
        }
    }

    fn settle(&mut self, what: Break) {
        if let Some((numero, id)) = self.suspect.take() {
            self.roto = Some((numero, Some(id), what));
        }
    }

    /// The last link has none after it to tell; a row is what people change. An anchor beyond it: the end was cut off.
    pub fn finish(&mut self) {
        self.settle(Break::Fila);
        let beyond = self.anclas.iter().map(|ancla| ancla.numero).filter(|numero| *numero > self.numero).min();
        if let (None, Some(numero)) = (self.roto, beyond) {
            self.roto = Some((numero, None, Break::Ancla));
        }
    }

    /// When what the last link seals was written.
    pub fn hasta(&self) -> Option<Timestamp> {
        self.en.and_then(|micros| Timestamp::from_microsecond(micros).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auditoria::Row;
    use kernel::ids::TenantId;
    use rstest::rstest;

    fn chain(length: i64) -> Vec<Link> {
        let mut before = ZERO;
        let made = (1..=length).map(|numero| {
            let id = Uuid::from_u128(numero as u128);
            let row = Row { id, accion: "crear".into(), entidad: "cita".into(), actor_tipo: "sistema".into(), ..blank() };
            before = link(&before, numero, &row);
            Link { numero, auditoria_id: id, resumen: before.to_vec(), row: Some(row) }
        });
        made.collect()
    }

    fn blank() -> Row {
        Row {
            tenant: TenantId(Uuid::nil()),
            id: Uuid::nil(),
            xid: 0,
            en: 0,
            actor_tipo: String::new(),
            actor_id: None,
            ip: None,
            traza: None,
            sede_id: None,
            accion: String::new(),
            entidad: String::new(),
            entidad_id: None,
            ids: None,
            antes: None,
            despues: None,
        }
    }

    fn walk(links: Vec<Link>) -> Option<(i64, Break)> {
        let mut walk = Walk::default();
        for link in links {
            walk.step(link);
            if walk.roto.is_some() {
                break;
            }
        }
        walk.finish();
        walk.roto.map(|(numero, _, what)| (numero, what))
    }

    fn change_row(link: &mut Link) {
        link.row.as_mut().expect("a row").accion = "borrar".into();
    }

    #[rstest]
    #[case::untouched(|_: &mut Vec<Link>| {}, None)]
    #[case::row(|c: &mut Vec<Link>| change_row(&mut c[2]), Some((3, Break::Fila)))]
    #[case::last_row(|c: &mut Vec<Link>| change_row(&mut c[4]), Some((5, Break::Fila)))]
    #[case::first_row(|c: &mut Vec<Link>| change_row(&mut c[0]), Some((1, Break::Fila)))]
    #[case::row_gone(|c: &mut Vec<Link>| c[3].row = None, Some((4, Break::FilaFalta)))]
    #[case::link(|c: &mut Vec<Link>| c[2].resumen[0] ^= 1, Some((3, Break::Eslabon)))]
    #[case::link_gone(|c: &mut Vec<Link>| drop(c.remove(2)), Some((3, Break::EslabonFalta)))]
    #[case::first_link_gone(|c: &mut Vec<Link>| drop(c.remove(0)), Some((1, Break::EslabonFalta)))]
    #[case::row_before_gap(|c: &mut Vec<Link>| { change_row(&mut c[1]); c.remove(2); }, Some((2, Break::Fila)))]
    fn the_first_break_is_named(#[case] tamper: fn(&mut Vec<Link>), #[case] expected: Option<(i64, Break)>) {
        let mut links = chain(5);
        tamper(&mut links);
        assert_eq!(walk(links), expected);
    }
}
