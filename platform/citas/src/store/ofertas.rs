//! `ofertas`: times that became free, held for those who wait.
use crate::model::{EstadoOferta, Ofrecimiento};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, EsperaId, MascotaId, OfertaId, SedeId, TenantId},
};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

/// Work that an event makes for those who wait.
pub struct Trabajo {
    pub tenant: TenantId,
    pub cuerpo: Value,
    pub clave: Option<String>,
    /// Missing: at once.
    pub en: Option<Timestamp>,
}

/// Asks for it where anybody waits at all. Role `huella_jobs`. Says how much.
pub async fn anotar_donde_esperan(db: &mut PgConnection, now: Timestamp, tipo: &str, trabajos: &[Trabajo]) -> Result<u64, Problem> {
    if trabajos.is_empty() {
        return Ok(0);
    }
    let tenants: Vec<Uuid> = trabajos.iter().map(|trabajo| trabajo.tenant.0).collect();
    let cuerpos: Vec<Value> = trabajos.iter().map(|trabajo| trabajo.cuerpo.clone()).collect();
    let claves: Vec<Option<String>> = trabajos.iter().map(|trabajo| trabajo.clave.clone()).collect();
    let times: Vec<jiff_sqlx::Timestamp> = trabajos.iter().map(|trabajo| trabajo.en.unwrap_or(now).to_sqlx()).collect();
    let done = sqlx::query!(
        "insert into trabajos (tenant_id, id, tipo, cuerpo, clave, proximo_en, creado_en)
         select l.tenant_id, gen_random_uuid(), $1, l.cuerpo, l.clave, l.en, $6
           from unnest($2::uuid[], $3::jsonb[], $4::text[], $5::timestamptz[]) as l(tenant_id, cuerpo, clave, en)
          where exists (select from esperas e where e.tenant_id = l.tenant_id and e.estado in ('activa', 'ofrecida'))
         on conflict (tenant_id, tipo, clave) where estado = 'pendiente' do nothing",
        tipo,
        &tenants,
        &cuerpos,
        &claves as &[Option<String>],
        times as _,
        now.to_sqlx() as _,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// A slot that one who waits may keep until `hasta`.
pub async fn insert_oferta(tx: &mut Tx, espera: EsperaId, oferta: &Ofrecimiento, resumen: &[u8]) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "insert into ofertas (id, espera_id, sede_id, cita_id, medico_id, inicio, fin, hasta, resumen, estado, creada_en)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pendiente', $10)",
        oferta.id as _,
        espera as _,
        oferta.sede_id as _,
        oferta.cita_id as _,
        oferta.medico_id as _,
        oferta.inicio.to_sqlx() as _,
        oferta.fin.to_sqlx() as _,
        oferta.hasta.to_sqlx() as _,
        resumen,
        now.to_sqlx() as _,
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// An offer that was open, with whom it was made to.
pub struct Resuelta {
    pub id: OfertaId,
    pub espera_id: EsperaId,
    pub sede_id: SedeId,
    pub estado: EstadoOferta,
    /// Whom the chain stopped waiting for in the meantime stays so.
    pub espera_ofrecida: bool,
}

/// Ends the open offer of a hold, if it has one: so, or as taken back if the hold went to another pet than `mascota`.
pub async fn resolver(tx: &mut Tx, cita: CitaId, estado: EstadoOferta, mascota: Option<MascotaId>) -> Result<Option<Resuelta>, Problem> {
    let now = tx.now();
    let resuelta = sqlx::query_as!(
        Resuelta,
        r#"update ofertas o set estado = case when a.actual_id is distinct from coalesce($4, a.actual_id) then 'retirada' else $2 end, resuelta_en = $3
             from esperas e join v_mascotas_actuales a on a.id = e.mascota_id
            where o.cita_id = $1 and o.estado = 'pendiente' and e.id = o.espera_id
           returning o.id as "id!: OfertaId", o.espera_id as "espera_id!: EsperaId", o.sede_id as "sede_id!: SedeId",
                     o.estado as "estado!: EstadoOferta", e.estado = 'ofrecida' as "espera_ofrecida!""#,
        cita as _,
        estado as _,
        now.to_sqlx() as _,
        mascota as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(resuelta)
}

/// The offer of a link, and its sede.
pub async fn oferta_de_enlace(tx: &mut Tx, resumen: &[u8]) -> Result<Option<(OfertaId, SedeId)>, Problem> {
    let fila = sqlx::query!(r#"select id as "id!: OfertaId", sede_id as "sede_id!: SedeId" from oferta_de_enlace($1)"#, resumen);
    Ok(fila.fetch_optional(&mut **tx).await?.map(|fila| (fila.id, fila.sede_id)))
}

/// All that a letter or a page tells of an offer.
#[derive(Debug)]
pub struct OfertaContada {
    pub sede_id: SedeId,
    pub cita_id: CitaId,
    pub mascota_id: MascotaId,
    pub estado: EstadoOferta,
    pub inicio: Timestamp,
    pub hasta: Timestamp,
    pub zona: String,
    pub mascota: String,
    pub servicio: String,
    pub medico: String,
    pub sede: String,
}

pub async fn oferta_contada(tx: &mut Tx, id: OfertaId) -> Result<Option<OfertaContada>, Problem> {
    let contada = sqlx::query_as!(
        OfertaContada,
        r#"select o.sede_id as "sede_id!: SedeId", o.cita_id as "cita_id!: CitaId", m.id as "mascota_id!: MascotaId", o.estado as "estado!: EstadoOferta",
                  o.inicio, o.hasta, s.zona_horaria as "zona!", m.nombre as "mascota!", v.nombre as "servicio!", d.nombre as "medico!", s.nombre as "sede!"
             from ofertas o join esperas e on e.id = o.espera_id
             join v_mascotas_actuales a on a.id = e.mascota_id
             cross join lateral (select a.actual_id offset 0) k join v_mascotas m on m.id = k.actual_id
             join v_servicios v on v.id = e.servicio_id join v_medicos d on d.id = o.medico_id join v_sedes s on s.id = o.sede_id
            where o.id = $1"#,
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(contada)
}
