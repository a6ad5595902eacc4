//! Messages that were sent, or were to be.
use crate::{
    canales::EstadoEntrega,
    model::{EstadoMensaje, Mensaje, Tipo},
    planear::{AVISAR, de_que},
    store::envios,
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Correo, Destino, Problem, Tx,
    crypto::PersonKey,
    ids::{CitaId, MensajeId, SedeId, TenantId, TutorId, UsuarioId},
};
use pacientes::Medio;
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
    // Whom it is for is known from its owner; an address of nobody's could be anything.
    let datos = tutor.filter(|_| tipo.se_repite()).map(|_| &correo.datos);
    let id = sqlx::query_scalar!(
        "insert into mensajes as m (id, tipo, clave, sede_id, cita_id, tutor_id, estado, intentos, creado_en, ultimo_en, datos, vence)
         values ($1, $2, $3, $4, $5, $6, 'pendiente', 1, $7, $7, $8, $9)
         on conflict (tenant_id, tipo, clave) do update set intentos = m.intentos + 1, ultimo_en = $7, estado = 'pendiente',
                vuelta = m.vuelta + (m.estado = 'fallido')::int::smallint
           where m.estado in ('pendiente', 'fallido')
         returning id",
        MensajeId::new().0,
        tipo.clave(),
        correo.clave,
        correo.sede.map(Uuid::from),
        cita.map(Uuid::from),
        tutor.map(Uuid::from),
        now as _,
        datos,
        correo.vence.map(|vence| vence.to_sqlx()) as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id.map(MensajeId))
}

/// A message of the list as it was asked for, and one more try counted; `None` if it waits for nothing.
pub async fn again(tx: &mut Tx, id: MensajeId) -> Result<Option<(Tipo, Correo)>, Problem> {
    let now = tx.now().to_sqlx();
    let row = sqlx::query!(
        "update mensajes set intentos = intentos + 1, ultimo_en = $2 where id = $1 and estado = 'pendiente' and datos is not null
         returning tipo, clave, sede_id, tutor_id, datos, vence",
        id.0,
        now as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some((row, tutor)) = row.and_then(|row| row.tutor_id.map(|tutor| (row, TutorId(tutor)))) else { return Ok(None) };
    let Some(tipo) = Tipo::read(&row.tipo) else { return Ok(None) };
    let correo = Correo {
        sede: row.sede_id.map(SedeId),
        datos: row.datos.unwrap_or_default(),
        vence: row.vence.map(|vence| vence.to_jiff()),
        ..Correo::new(row.tipo, row.clave, Destino::Tutor(tutor))
    };
    Ok(Some((tipo, correo)))
}

/// Begins all channels anew; one that was of no use in its time may be by now.
pub async fn new_round(tx: &mut Tx, id: MensajeId) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update mensajes set estado = 'pendiente', error = null, vuelta = vuelta + 1, vence = null, ultimo_en = $2 where id = $1",
        id.0,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The same round goes on by another channel.
pub async fn go_on(tx: &mut Tx, id: MensajeId) -> Result<(), Problem> {
    sqlx::query!("update mensajes set estado = 'pendiente' where id = $1", id.0).execute(&mut **tx).await?;
    Ok(())
}

/// Until the transaction ends nobody else changes it.
pub async fn lock(tx: &mut Tx, id: MensajeId) -> Result<Option<Mensaje>, Problem> {
    sqlx::query!("select id from mensajes where id = $1 for update", id.0).fetch_optional(&mut **tx).await?;
    Ok(list(tx, Filter { id: Some(id), ..Filter::default() }, 1).await?.pop())
}

/// Whether it was asked for with what it takes to send it again.
pub async fn repeatable(tx: &mut Tx, id: MensajeId) -> Result<bool, Problem> {
    let known = sqlx::query_scalar!(r#"select (datos is not null and tutor_id is not null) as "known!" from mensajes where id = $1"#, id.0);
    Ok(known.fetch_optional(&mut **tx).await?.unwrap_or_default())
}

/// Somebody of the desk saw to it.
pub async fn attend(tx: &mut Tx, id: MensajeId) -> Result<(), Problem> {
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!("update mensajes set atendido_en = $2, atendido_por = $3 where id = $1", id.0, now as _, author)
        .execute(&mut **tx)
        .await?;
    Ok(())
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
    pub id: Option<MensajeId>,
    pub estado: Option<EstadoMensaje>,
    pub tipo: Option<Tipo>,
    pub cita: Option<CitaId>,
    pub tutor: Option<TutorId>,
    pub canal: Option<Medio>,
    pub entrega: Option<EstadoEntrega>,
    /// Reminders that went out and after which nobody booked.
    pub sin_cita: Option<bool>,
    pub atendido: Option<bool>,
    /// After this place in the list.
    pub after: Option<(Timestamp, Uuid)>,
}

/// The newest first.
pub async fn list(tx: &mut Tx, filter: Filter, limit: i64) -> Result<Vec<Mensaje>, Problem> {
    let (en, id) = filter.after.unzip();
    let rows = sqlx::query!(
        r#"select m.id, m.tipo, m.sede_id, m.cita_id, m.tutor_id, m.correo_cifrado, m.estado, m.intentos, m.error, m.creado_en, m.ultimo_en,
                  m.atendido_en, m.atendido_por
             from mensajes m
             left join lateral (select e.canal, e.entrega from mensajes_envios e where e.mensaje_id = m.id order by e.creado_en desc, e.id desc
                                 limit 1) u on true
          where ($1::text is null or m.estado = $1) and ($2::text is null or m.tipo = $2) and ($3::uuid is null or m.cita_id = $3)
            and ($4::uuid is null or m.tutor_id = $4) and ($5::timestamptz is null or (m.creado_en, m.id) < ($5, $6::uuid))
            and ($8::uuid is null or m.id = $8) and ($9::text is null or u.canal = $9) and ($10::text is null or u.entrega = $10)
            and ($11::boolean is null or (m.atendido_en is not null) = $11)
            and ($12::boolean is null or $12 = (m.tipo = 'recordatorio' and m.estado = 'enviado' and not exists (
                   select from recordatorios r join v_citas c on c.mascota_id = r.mascota_id and c.creado_en > m.creado_en
                    where r.grupo = case when m.tipo = 'recordatorio' then m.clave::uuid end)))
          order by m.creado_en desc, m.id desc limit $7"#,
        filter.estado.map(EstadoMensaje::clave),
        filter.tipo.map(Tipo::clave),
        filter.cita.map(Uuid::from),
        filter.tutor.map(Uuid::from),
        en.map(|en| en.to_sqlx()) as _,
        id,
        limit,
        filter.id.map(Uuid::from),
        filter.canal.map(Medio::clave),
        filter.entrega.map(EstadoEntrega::clave),
        filter.atendido,
        filter.sin_cita
    )
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().filter_map(|row| row.tutor_id).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&people).await?.into_iter().collect();
    let mut sent = envios::of_messages(tx, &rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
    let mut letters = Vec::with_capacity(rows.len());
    for row in rows {
        let key = row.tutor_id.and_then(|tutor| keys.get(&tutor));
        let correo = key.zip(row.correo_cifrado).map(|(key, sealed)| key.open(ADDRESS, &sealed)).transpose()?;
        // A kind that only a newer server knows.
        let Some(tipo) = Tipo::read(&row.tipo) else { continue };
        let envios = sent.remove(&row.id).unwrap_or_default();
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
            canal: envios.last().map(|envio| envio.canal),
            entrega: envios.last().and_then(|envio| envio.entrega),
            envios,
            atendido_en: row.atendido_en.map(|en| en.to_jiff()),
            atendido_por: row.atendido_por.map(UsuarioId),
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
