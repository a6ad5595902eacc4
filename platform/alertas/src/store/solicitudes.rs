//! Owners who ask for another time.
use crate::model::Solicitud;
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, SedeId, SolicitudId, TutorId, UsuarioId},
};
use uuid::Uuid;

/// `false` if one of this appointment waits already.
pub async fn insert(tx: &mut Tx, solicitud: &Solicitud) -> Result<bool, Problem> {
    let done = sqlx::query!(
        "insert into citas_solicitudes (id, cita_id, sede_id, tutor_id, texto, creada_en) values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, cita_id) where atendida_en is null do nothing",
        solicitud.id.0,
        solicitud.cita_id.0,
        solicitud.sede_id.0,
        solicitud.tutor_id.0,
        solicitud.texto,
        solicitud.creada_en.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Which requests.
#[derive(Debug, Default)]
pub struct Filter {
    pub id: Option<SolicitudId>,
    pub sede: Option<SedeId>,
    pub abierta: Option<bool>,
    /// After this place in the list.
    pub after: Option<(Timestamp, Uuid)>,
}

/// The oldest first: who asked first is called first.
pub async fn list(tx: &mut Tx, filter: Filter, limit: i64) -> Result<Vec<Solicitud>, Problem> {
    let (en, id) = filter.after.unzip();
    let rows = sqlx::query!(
        r#"select s.id, s.cita_id, s.sede_id, s.tutor_id, s.texto, s.creada_en, s.atendida_en, s.atendida_por, s.version,
                  c.inicio as "inicio!", c.estado as "estado!", m.nombre as "mascota!"
             from citas_solicitudes s join v_citas c on c.id = s.cita_id join v_mascotas m on m.id = c.mascota_id
            where ($1::uuid is null or s.id = $1) and ($2::uuid is null or s.sede_id = $2)
              and ($3::boolean is null or (s.atendida_en is null) = $3)
              and ($4::timestamptz is null or (s.creada_en, s.id) > ($4, $5::uuid))
            order by s.creada_en, s.id limit $6"#,
        filter.id.map(Uuid::from),
        filter.sede.map(Uuid::from),
        filter.abierta,
        en.map(|en| en.to_sqlx()) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let solicitudes = rows.into_iter().map(|row| Solicitud {
        id: SolicitudId(row.id),
        cita_id: CitaId(row.cita_id),
        sede_id: SedeId(row.sede_id),
        tutor_id: TutorId(row.tutor_id),
        mascota: row.mascota,
        inicio: row.inicio.to_jiff(),
        estado: row.estado,
        texto: row.texto,
        creada_en: row.creada_en.to_jiff(),
        atendida_en: row.atendida_en.map(|en| en.to_jiff()),
        atendida_por: row.atendida_por.map(UsuarioId),
        version: row.version,
    });
    Ok(solicitudes.collect())
}

/// Until the transaction ends nobody else changes it.
pub async fn lock(tx: &mut Tx, id: SolicitudId) -> Result<Option<Solicitud>, Problem> {
    sqlx::query!("select id from citas_solicitudes where id = $1 for update", id.0).fetch_optional(&mut **tx).await?;
    Ok(list(tx, Filter { id: Some(id), ..Filter::default() }, 1).await?.pop())
}

pub async fn attend(tx: &mut Tx, id: SolicitudId) -> Result<(), Problem> {
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "update citas_solicitudes set atendida_en = $2, atendida_por = $3, version = version + 1 where id = $1",
        id.0,
        now as _,
        author
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
