//! Letters that were sent, or were to be.
use crate::{
    model::{EstadoMensaje, Mensaje, Tipo},
    planear::{AVISAR, de_que},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Correo, Problem, Tx,
    crypto::PersonKey,
    ids::{CitaId, MensajeId, SedeId, TenantId, TutorId},
};
use serde_json::Value;
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// The field under which an address is sealed.
const ADDRESS: &str = "correo_mensaje";
/// The events that may be news to an owner.
const NEWS: [&str; 3] = ["cita.reservada", "cita.cambiada", "cita.anulada"];

/// Asks, for each event that may be news to an owner of a chain that writes, that somebody looks. Role `huella_jobs`. Says
/// for how many.
pub async fn repartir<'a>(
    db: &mut PgConnection,
    now: Timestamp,
    sucesos: impl Iterator<Item = (TenantId, &'a str, &'a Value)>,
) -> Result<u64, Problem> {
    let (mut tenants, mut temas, mut cuerpos) = (Vec::new(), Vec::new(), Vec::new());
    for (tenant, tema, cuerpo) in sucesos.filter(|(_, tema, _)| NEWS.contains(tema)) {
        tenants.push(tenant.0);
        temas.push(tema);
        cuerpos.push(cuerpo.clone());
    }
    if tenants.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query!(
        "insert into trabajos (tenant_id, id, tipo, cuerpo, proximo_en, creado_en)
         select s.tenant_id, gen_random_uuid(), $4, jsonb_build_object('cita', s.cuerpo->'id', 'tema', s.tema), $5, $5
           from unnest($1::uuid[], $2::text[], $3::jsonb[]) as s(tenant_id, tema, cuerpo)
           join correos_ajustes a on a.tenant_id = s.tenant_id and (a.confirmaciones or a.recordatorios)",
        &tenants,
        &temas as &[&str],
        &cuerpos,
        AVISAR,
        now.to_sqlx() as _
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// Counts a try; `None` if this very letter was sent, or given up, before.
pub async fn note_try(tx: &mut Tx, tipo: Tipo, correo: &Correo) -> Result<Option<MensajeId>, Problem> {
    let (now, (cita, tutor)) = (tx.now().to_sqlx(), de_que(correo));
    let id = sqlx::query_scalar!(
        "insert into mensajes as m (id, tipo, clave, sede_id, cita_id, tutor_id, estado, intentos, creado_en, ultimo_en)
         values ($1, $2, $3, $4, $5, $6, 'pendiente', 1, $7, $7)
         on conflict (tenant_id, tipo, clave) do update set intentos = m.intentos + 1, ultimo_en = $7
           where m.estado in ('pendiente', 'fallido')
         returning id",
        MensajeId::new().0,
        tipo.clave(),
        correo.clave,
        correo.sede.map(Uuid::from),
        cita.map(Uuid::from),
        tutor.map(Uuid::from),
        now as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(MensajeId))
}

/// Where it goes, under the key of its owner.
pub async fn note_address(tx: &mut Tx, id: MensajeId, tutor: TutorId, address: &str) -> Result<(), Problem> {
    let sealed = tx.person_key(tutor).await?.map(|key| key.seal(ADDRESS, address));
    sqlx::query!("update mensajes set correo_cifrado = $2 where id = $1", id.0, sealed).execute(&mut **tx).await?;
    Ok(())
}

/// How the try went.
pub async fn note(tx: &mut Tx, id: MensajeId, estado: EstadoMensaje, error: Option<&str>) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update mensajes set estado = $2, error = left($3, 200), ultimo_en = $4 where id = $1",
        id.0,
        estado.clave(),
        error,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which letters.
#[derive(Debug, Default)]
pub struct Filter {
    pub estado: Option<EstadoMensaje>,
    pub tipo: Option<Tipo>,
    pub cita: Option<CitaId>,
    pub tutor: Option<TutorId>,
    /// After this place in the list.
    pub after: Option<(Timestamp, Uuid)>,
}

/// The newest first.
pub async fn list(tx: &mut Tx, filter: Filter, limit: i64) -> Result<Vec<Mensaje>, Problem> {
    let (en, id) = filter.after.unzip();
    let rows = sqlx::query!(
        "select id, tipo, sede_id, cita_id, tutor_id, correo_cifrado, estado, intentos, error, creado_en, ultimo_en from mensajes
          where ($1::text is null or estado = $1) and ($2::text is null or tipo = $2) and ($3::uuid is null or cita_id = $3)
            and ($4::uuid is null or tutor_id = $4) and ($5::timestamptz is null or (creado_en, id) < ($5, $6::uuid))
          order by creado_en desc, id desc limit $7",
        filter.estado.map(EstadoMensaje::clave),
        filter.tipo.map(Tipo::clave),
        filter.cita.map(Uuid::from),
        filter.tutor.map(Uuid::from),
        en.map(|en| en.to_sqlx()) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().filter_map(|row| row.tutor_id).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&people).await?.into_iter().collect();
    let mut letters = Vec::with_capacity(rows.len());
    for row in rows {
        let key = row.tutor_id.and_then(|tutor| keys.get(&tutor));
        let correo = key.zip(row.correo_cifrado).map(|(key, sealed)| key.open(ADDRESS, &sealed)).transpose()?;
        // A kind that only a newer server knows.
        let Some(tipo) = Tipo::read(&row.tipo) else { continue };
        letters.push(Mensaje {
            id: MensajeId(row.id),
            tipo,
            estado: EstadoMensaje::read(&row.estado),
            sede_id: row.sede_id.map(SedeId),
            cita_id: row.cita_id.map(CitaId),
            tutor_id: row.tutor_id.map(TutorId),
            correo,
            intentos: row.intentos,
            error: row.error,
            creado_en: row.creado_en.to_jiff(),
            ultimo_en: row.ultimo_en.to_jiff(),
        });
    }
    Ok(letters)
}

/// What is over, in small bites. Role `huella_jobs`.
pub async fn forget(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from mensajes where ctid in (select ctid from mensajes where creado_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
