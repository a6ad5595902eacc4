//! What an agenda's rows name: sedes, vets, services.
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use kernel::{Problem, Tx, text};
use std::collections::HashMap;
use uuid::Uuid;

/// By code, number or name, as `text::words` has it.
pub struct Lugares {
    sedes: HashMap<Vec<String>, Uuid>,
    zonas: HashMap<Uuid, TimeZone>,
    medicos: HashMap<Vec<String>, Uuid>,
    servicios: HashMap<Vec<String>, Uuid>,
}

impl Lugares {
    pub fn sede(&self, said: &[String]) -> Option<Uuid> {
        self.sedes.get(said).copied()
    }
    /// Where nobody says which, if there is one only.
    pub fn unica_sede(&self) -> Option<Uuid> {
        self.zonas.keys().next().copied().filter(|_| self.zonas.len() == 1)
    }
    pub fn medico(&self, said: &[String]) -> Option<Uuid> {
        let mut sorted = said.to_vec();
        sorted.sort_unstable();
        self.medicos.get(&sorted).copied()
    }
    pub fn servicio(&self, said: &[String]) -> Option<Uuid> {
        self.servicios.get(said).copied()
    }
    /// An hour of a sede's own clock.
    pub fn instante(&self, sede: Uuid, momento: DateTime) -> Option<Timestamp> {
        self.zonas.get(&sede)?.to_timestamp(momento).ok()
    }
}

/// Those in use, and of the sedes those that the caller sees. Names that two share name nobody.
pub async fn lugares(tx: &mut Tx) -> Result<Lugares, Problem> {
    let sedes = sqlx::query!(
        r#"select id as "id!", codigo as "codigo!", nombre as "nombre!", zona_horaria as "zona_horaria!" from v_sedes where activa and sede_visible(id)"#
    )
    .fetch_all(&mut **tx)
    .await?;
    let medicos = sqlx::query!(r#"select id as "id!", nombre as "nombre!", cmvp from v_medicos_por_cmvp"#).fetch_all(&mut **tx).await?;
    let servicios = sqlx::query!(r#"select id as "id!", codigo as "codigo!", nombre as "nombre!" from v_servicios_por_codigo"#)
        .fetch_all(&mut **tx)
        .await?;
    let zona = |zona: &str| TimeZone::get(zona).map_err(Problem::internal);
    let zonas = sedes.iter().map(|sede| Ok((sede.id, zona(&sede.zona_horaria)?))).collect::<Result<_, Problem>>()?;
    let named = sedes.iter().flat_map(|one| [(text::words(&one.codigo), one.id), (text::words(&one.nombre), one.id)]);
    let people = medicos.iter().flat_map(|one| {
        let mut nombre = text::words(&one.nombre);
        nombre.sort_unstable();
        [Some((nombre, one.id)), one.cmvp.as_deref().map(|cmvp| (text::words(cmvp), one.id))].into_iter().flatten()
    });
    let services = servicios.iter().flat_map(|one| [(text::words(&one.codigo), one.id), (text::words(&one.nombre), one.id)]);
    Ok(Lugares { sedes: unique(named), zonas, medicos: unique(people), servicios: unique(services) })
}

fn unique(all: impl Iterator<Item = (Vec<String>, Uuid)>) -> HashMap<Vec<String>, Uuid> {
    let mut found: HashMap<Vec<String>, Option<Uuid>> = HashMap::new();
    for (name, id) in all {
        found.entry(name).and_modify(|known| *known = known.filter(|known| *known == id)).or_insert(Some(id));
    }
    found.into_iter().filter_map(|(name, id)| Some((name, id?))).collect()
}
