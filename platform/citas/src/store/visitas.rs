//! Who is in the house.
use crate::model::{AnuladaPor, Cita, Estado, Triaje, Visita, VisitaConNombres};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{AmbienteId, CitaId, EquipoId, MascotaId, SedeId, SerieId, ServicioId, UsuarioId, VisitaId},
};

struct Fila {
    id: VisitaId,
    sede_id: SedeId,
    cita_id: Option<CitaId>,
    sin_cita: bool,
    mascota_id: MascotaId,
    servicio_id: ServicioId,
    medico_id: Option<UsuarioId>,
    estado: Estado,
    triaje: Option<Triaje>,
    motivo: Option<String>,
    llegada_en: Timestamp,
    consulta_en: Option<jiff_sqlx::Timestamp>,
    consulta_fin_en: Option<jiff_sqlx::Timestamp>,
    fin_en: Option<jiff_sqlx::Timestamp>,
    retirada_en: Option<jiff_sqlx::Timestamp>,
    retirada_motivo: Option<String>,
    version: i32,
}

impl From<Fila> for Visita {
    fn from(f: Fila) -> Self {
        let at = |at: Option<jiff_sqlx::Timestamp>| at.map(jiff_sqlx::Timestamp::to_jiff);
        Self {
            id: f.id,
            sede_id: f.sede_id,
            cita_id: f.cita_id,
            sin_cita: f.sin_cita,
            mascota_id: f.mascota_id,
            servicio_id: f.servicio_id,
            medico_id: f.medico_id,
            estado: f.estado,
            triaje: f.triaje,
            motivo: f.motivo,
            llegada_en: f.llegada_en,
            consulta_en: at(f.consulta_en),
            consulta_fin_en: at(f.consulta_fin_en),
            fin_en: at(f.fin_en),
            retirada_en: at(f.retirada_en),
            retirada_motivo: f.retirada_motivo,
            version: f.version,
        }
    }
}

/// Visits as they are now: where there is an appointment, it says whose, what for and with whom.
macro_rules! visitas {
    ($condition:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Fila,
            r#"select v.id, v.sede_id, v.cita_id, v.sin_cita, coalesce(c.mascota_id, r.vigente) as "mascota_id!: MascotaId",
                      coalesce(c.servicio_id, v.servicio_id) as "servicio_id!: ServicioId", coalesce(c.medico_id, v.medico_id) as "medico_id: UsuarioId",
                      coalesce(c.estado, 'en_espera') as "estado!: Estado", v.triaje as "triaje: Triaje", v.motivo, v.llegada_en, v.consulta_en,
                      v.consulta_fin_en, v.fin_en, v.retirada_en, v.retirada_motivo, v.version
                 from visitas v join v_registros r on r.id = v.mascota_id left join citas c on c.id = v.cita_id
                where "# + $condition,
            $($arg),*
        )
    };
}

pub async fn visita(tx: &mut Tx, id: VisitaId) -> Result<Option<Visita>, Problem> {
    Ok(visitas!("v.id = $1", id as _).fetch_optional(&mut **tx).await?.map(Visita::from))
}

pub async fn visita_de(tx: &mut Tx, cita: CitaId) -> Result<Option<Visita>, Problem> {
    Ok(visitas!("v.cita_id = $1", cita as _).fetch_optional(&mut **tx).await?.map(Visita::from))
}

/// Held until the transaction ends.
pub async fn lock_visita(tx: &mut Tx, id: VisitaId) -> Result<Option<Visita>, Problem> {
    let there = sqlx::query_scalar!(r#"select true as "there!" from visitas where id = $1 for update"#, id as _);
    if there.fetch_optional(&mut **tx).await?.is_none() {
        return Ok(None);
    }
    visita(tx, id).await
}

/// The same, unless somebody else holds it just now: whoever calls the next one does not wait for who is being called.
pub async fn lock_visita_libre(tx: &mut Tx, id: VisitaId) -> Result<Option<Visita>, Problem> {
    let there = sqlx::query_scalar!(r#"select true as "there!" from visitas where id = $1 for update skip locked"#, id as _);
    if there.fetch_optional(&mut **tx).await?.is_none() {
        return Ok(None);
    }
    visita(tx, id).await
}

/// Who came to a sede since then and has not been seen, in no order.
pub async fn esperando(tx: &mut Tx, sede: SedeId, desde: Timestamp) -> Result<Vec<Visita>, Problem> {
    let filas = visitas!(
        "v.sede_id = $1 and v.llegada_en >= $2 and v.consulta_en is null and v.retirada_en is null and coalesce(c.estado, 'en_espera') = 'en_espera'",
        sede as _,
        desde.to_sqlx() as _
    );
    Ok(filas.fetch_all(&mut **tx).await?.into_iter().map(Visita::from).collect())
}

/// `false`: that pet waits already.
pub async fn insert_visita(tx: &mut Tx, v: &Visita) -> Result<bool, Problem> {
    let author = tx.author();
    let done = sqlx::query!(
        "insert into visitas (id, sede_id, cita_id, sin_cita, mascota_id, servicio_id, medico_id, triaje, motivo, llegada_en, registrada_por)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
        v.id as _,
        v.sede_id as _,
        v.cita_id as _,
        v.sin_cita,
        v.mascota_id as _,
        v.servicio_id as _,
        v.medico_id as _,
        v.triaje as _,
        v.motivo,
        v.llegada_en.to_sqlx() as _,
        author
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub async fn guardar_visita(tx: &mut Tx, v: &Visita) -> Result<(), Problem> {
    let at = |at: Option<Timestamp>| at.map(|at| at.to_sqlx());
    sqlx::query!(
        "update visitas set cita_id = $2, medico_id = $3, triaje = $4, motivo = $5, consulta_en = $6, consulta_fin_en = $7, fin_en = $8,
                retirada_en = $9, retirada_motivo = $10, version = $11, sede_id = $12 where id = $1",
        v.id as _,
        v.cita_id as _,
        v.medico_id as _,
        v.triaje as _,
        v.motivo,
        at(v.consulta_en) as _,
        at(v.consulta_fin_en) as _,
        at(v.fin_en) as _,
        at(v.retirada_en) as _,
        v.retirada_motivo,
        v.version,
        v.sede_id as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An appointment that waits went to another sede, and its patient with it.
pub async fn mudar_visita(tx: &mut Tx, cita: &Cita) -> Result<(), Problem> {
    sqlx::query!("update visitas set sede_id = $2 where cita_id = $1", cita.id as _, cita.sede_id as _).execute(&mut **tx).await?;
    Ok(())
}

pub async fn borrar_visita(tx: &mut Tx, id: VisitaId) -> Result<(), Problem> {
    sqlx::query!("delete from visitas where id = $1", id as _).execute(&mut **tx).await?;
    Ok(())
}

/// What a walk-in names, as far as it is there: the pet, whether it died, the service, the vet.
pub struct Referencias {
    pub mascota: bool,
    pub fallecida: bool,
    pub servicio: bool,
    pub medico: bool,
}

pub async fn referencias(tx: &mut Tx, mascota: MascotaId, servicio: ServicioId, medico: Option<UsuarioId>) -> Result<Referencias, Problem> {
    Ok(sqlx::query_as!(
        Referencias,
        r#"select exists (select from v_mascotas where id = $1) as "mascota!",
                  exists (select from v_mascotas where id = $1 and fallecida_en is not null) as "fallecida!",
                  exists (select from v_servicios where id = $2 and activo) as "servicio!",
                  $3::uuid is null or exists (select from v_medicos where id = $3 and activo) as "medico!""#,
        mascota as _,
        servicio as _,
        medico as _
    )
    .fetch_one(&mut **tx)
    .await?)
}

struct FilaDeSala {
    id: VisitaId,
    sede_id: SedeId,
    cita_id: Option<CitaId>,
    sin_cita: bool,
    mascota_id: MascotaId,
    servicio_id: ServicioId,
    medico_id: Option<UsuarioId>,
    estado: Estado,
    triaje: Option<Triaje>,
    motivo: Option<String>,
    llegada_en: Timestamp,
    consulta_en: Option<jiff_sqlx::Timestamp>,
    consulta_fin_en: Option<jiff_sqlx::Timestamp>,
    fin_en: Option<jiff_sqlx::Timestamp>,
    retirada_en: Option<jiff_sqlx::Timestamp>,
    retirada_motivo: Option<String>,
    version: i32,
    mascota: String,
    especie: String,
    tutor: Option<String>,
    medico: Option<String>,
    servicio: String,
    inicio: Option<jiff_sqlx::Timestamp>,
    fin: Option<jiff_sqlx::Timestamp>,
    ambiente_id: Option<AmbienteId>,
    cita_motivo: Option<String>,
    anulada_motivo: Option<String>,
    anulada_por: Option<AnuladaPor>,
    sobrecupo: Option<bool>,
    sobrecupo_motivo: Option<String>,
    serie_id: Option<SerieId>,
    cita_version: Option<i32>,
    equipos: Vec<EquipoId>,
}

impl FilaDeSala {
    fn cita(&mut self) -> Option<Cita> {
        Some(Cita {
            id: self.cita_id?,
            sede_id: self.sede_id,
            mascota_id: self.mascota_id,
            medico_id: self.medico_id?,
            servicio_id: self.servicio_id,
            ambiente_id: self.ambiente_id,
            equipos: std::mem::take(&mut self.equipos),
            inicio: self.inicio?.to_jiff(),
            fin: self.fin?.to_jiff(),
            estado: self.estado,
            motivo: self.cita_motivo.take(),
            anulada_motivo: self.anulada_motivo.take(),
            anulada_por: self.anulada_por,
            sobrecupo: self.sobrecupo.unwrap_or_default(),
            sobrecupo_motivo: self.sobrecupo_motivo.take(),
            serie_id: self.serie_id,
            version: self.cita_version.unwrap_or_default(),
        })
    }
}

impl From<FilaDeSala> for VisitaConNombres {
    fn from(mut f: FilaDeSala) -> Self {
        let cita = f.cita();
        let visita = Fila {
            id: f.id,
            sede_id: f.sede_id,
            cita_id: f.cita_id,
            sin_cita: f.sin_cita,
            mascota_id: f.mascota_id,
            servicio_id: f.servicio_id,
            medico_id: f.medico_id,
            estado: f.estado,
            triaje: f.triaje,
            motivo: f.motivo,
            llegada_en: f.llegada_en,
            consulta_en: f.consulta_en,
            consulta_fin_en: f.consulta_fin_en,
            fin_en: f.fin_en,
            retirada_en: f.retirada_en,
            retirada_motivo: f.retirada_motivo,
            version: f.version,
        };
        let visita = visita.into();
        Self { visita, cita, mascota: f.mascota, especie: f.especie, tutor: f.tutor, medico: f.medico, servicio: f.servicio }
    }
}

/// Who came to a sede between two instants; `abiertas`: and whoever came the day before and is not done.
pub async fn sala(tx: &mut Tx, sede: SedeId, desde: Timestamp, hasta: Timestamp, abiertas: bool) -> Result<Vec<VisitaConNombres>, Problem> {
    let filas = sqlx::query_as!(
        FilaDeSala,
        r#"select v.id as "id: VisitaId", v.sede_id as "sede_id: SedeId", v.cita_id as "cita_id: CitaId", v.sin_cita, m.id as "mascota_id!: MascotaId",
                  s.id as "servicio_id!: ServicioId", d.id as "medico_id?: UsuarioId", coalesce(c.estado, 'en_espera') as "estado!: Estado",
                  v.triaje as "triaje: Triaje", v.motivo, v.llegada_en, v.consulta_en, v.consulta_fin_en, v.fin_en, v.retirada_en, v.retirada_motivo,
                  v.version, m.nombre as "mascota!", m.especie as "especie!", m.tutor, d.nombre as "medico?", s.nombre as "servicio!",
                  c.inicio as "inicio?", c.fin as "fin?", c.ambiente_id as "ambiente_id?: AmbienteId", c.motivo as "cita_motivo?", c.anulada_motivo as "anulada_motivo?",
                  c.anulada_por as "anulada_por?: AnuladaPor", c.sobrecupo as "sobrecupo?", c.sobrecupo_motivo as "sobrecupo_motivo?",
                  c.serie_id as "serie_id?: SerieId", c.version as "cita_version?",
                  array(select e.equipo_id from citas_equipos e where e.cita_id = c.id order by 1) as "equipos!: Vec<EquipoId>"
             from visitas v join v_registros r on r.id = v.mascota_id left join citas c on c.id = v.cita_id
             -- As columns: under row-level security no index looks for what `coalesce` yields.
             cross join lateral (select coalesce(c.mascota_id, r.vigente) as mascota, coalesce(c.servicio_id, v.servicio_id) as servicio,
                                        coalesce(c.medico_id, v.medico_id) as medico offset 0) k
             join v_mascotas m on m.id = k.mascota join v_servicios s on s.id = k.servicio left join v_medicos d on d.id = k.medico
            where v.sede_id = $1 and v.llegada_en >= $2::timestamptz - interval '24 hours' and v.llegada_en < $3
              and (v.llegada_en >= $2 or $4 and v.fin_en is null and v.retirada_en is null and coalesce(c.activa, true))"#,
        sede as _,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
        abiertas
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(filas.into_iter().map(VisitaConNombres::from).collect())
}
