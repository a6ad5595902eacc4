//! Messages on a channel. The id of one is its idempotency key.
use crate::{
    canales::{Entrega, EstadoEntrega},
    model::{EnvioDeMensaje, EstadoEnvio, Ruta},
};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    crypto::PersonKey,
    ids::{CitaId, MensajeId, SedeId, TutorId},
};
use pacientes::Medio;
use std::collections::HashMap;
use uuid::Uuid;

/// The field under which an address is sealed.
const ADDRESS: &str = "destino_mensaje";

/// One of a message's round.
pub struct Envio {
    pub id: Uuid,
    pub medio: Medio,
    pub estado: EstadoEnvio,
    pub intentos: i16,
    pub error: Option<String>,
}

fn medio(clave: &str) -> Medio {
    Medio::read(clave).unwrap_or(Medio::Correo)
}

/// What was tried in the round that a message is in, in order.
pub async fn of_round(tx: &mut Tx, mensaje: MensajeId) -> Result<Vec<Envio>, Problem> {
    // Of two that send at once the second sees what the first one began.
    sqlx::query!("select id from mensajes where id = $1 for update", mensaje.0).fetch_optional(&mut **tx).await?;
    let rows = sqlx::query!(
        "select e.id, e.canal, e.estado, e.intentos, e.error
           from mensajes_envios e join mensajes m on m.id = e.mensaje_id and m.vuelta = e.vuelta
          where e.mensaje_id = $1 order by e.creado_en, e.id",
        mensaje.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let of = rows.into_iter().map(|row| Envio {
        id: row.id,
        medio: medio(&row.canal),
        estado: EstadoEnvio::read(&row.estado),
        intentos: row.intentos,
        error: row.error,
    });
    Ok(of.collect())
}

/// Notes a try before it leaves.
pub async fn begin(tx: &mut Tx, mensaje: MensajeId, sede: Option<SedeId>, tutor: Option<TutorId>, ruta: &Ruta) -> Result<Envio, Problem> {
    let key = match tutor {
        Some(tutor) => tx.person_key(tutor).await?,
        None => None,
    };
    let (now, sealed) = (tx.now().to_sqlx(), key.map(|key| key.seal(ADDRESS, &ruta.destino)));
    let row = sqlx::query!(
        "insert into mensajes_envios as e (id, mensaje_id, sede_id, tutor_id, vuelta, canal, complemento, destino_cifrado, estado, intentos,
                                           creado_en, ultimo_en)
         select $1, m.id, $3, $4, m.vuelta, $5, $6, $7, 'saliendo', 1, $8, $8 from mensajes m where m.id = $2
         on conflict (tenant_id, mensaje_id, vuelta, canal) do update set estado = 'saliendo', intentos = e.intentos + 1, error = null,
                complemento = $6, destino_cifrado = $7, tutor_id = $4, ultimo_en = $8
         returning id, intentos",
        Uuid::now_v7(),
        mensaje.0,
        sede.map(Uuid::from),
        tutor.map(Uuid::from),
        ruta.medio.clave(),
        ruta.complemento,
        sealed,
        now as _
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(Envio { id: row.id, medio: ruta.medio, estado: EstadoEnvio::Saliendo, intentos: row.intentos, error: None })
}

/// It was taken. `false` if a webhook knew more by then: the message is on its way elsewhere.
pub async fn sent(tx: &mut Tx, id: Uuid, referencia: Option<&str>) -> Result<bool, Problem> {
    let now = tx.now().to_sqlx();
    let estado = sqlx::query_scalar!(
        "update mensajes_envios set estado = case estado when 'fallido' then 'fallido' else 'enviado' end,
                referencia = coalesce(left($2, 200), referencia), ultimo_en = $3
          where id = $1 returning estado",
        id,
        referencia,
        now as _
    );
    Ok(estado.fetch_one(&mut **tx).await? == EstadoEnvio::Enviado.clave())
}

pub async fn failed(tx: &mut Tx, id: Uuid, codigo: Option<&str>, why: &str) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update mensajes_envios set estado = 'fallido', codigo = left($2, 60), error = left($3, 200), ultimo_en = $4 where id = $1",
        id,
        codigo,
        why,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// It surely did not go out, and is tried again.
pub async fn waits(tx: &mut Tx, id: Uuid, why: &str) -> Result<(), Problem> {
    sqlx::query!("update mensajes_envios set estado = 'pendiente', error = left($2, 200) where id = $1", id, why)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Nobody knows. `false` if a webhook settled it meanwhile.
pub async fn unknown(tx: &mut Tx, id: Uuid, why: &str) -> Result<bool, Problem> {
    let done = sqlx::query!(
        "update mensajes_envios set estado = 'incierto', error = left($2, 200) where id = $1 and estado = 'saliendo'",
        id,
        why
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One that a webhook is about.
pub struct Avisado {
    pub id: Uuid,
    pub mensaje: MensajeId,
    pub estado: EstadoEnvio,
    pub entrega: Option<EstadoEntrega>,
}

/// By its reference, or by the key that came back; nobody else changes it until the transaction ends.
pub async fn told(tx: &mut Tx, complemento: &str, entrega: &Entrega) -> Result<Option<Avisado>, Problem> {
    let clave: Option<Uuid> = entrega.clave.as_deref().and_then(|clave| clave.parse().ok());
    let row = sqlx::query!(
        "select id, mensaje_id, estado, entrega from mensajes_envios
          where complemento = $1 and (referencia = $2 or id = $3) order by id = $3 desc limit 1 for update",
        complemento,
        entrega.referencia,
        clave
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Avisado {
        id: row.id,
        mensaje: MensajeId(row.mensaje_id),
        estado: EstadoEnvio::read(&row.estado),
        entrega: row.entrega.as_deref().map(EstadoEntrega::read),
    }))
}

/// What the provider says, and with it that the message arrived there.
pub async fn deliver(tx: &mut Tx, id: Uuid, estado: EstadoEnvio, entrega: &Entrega, why: Option<&str>) -> Result<(), Problem> {
    sqlx::query!(
        "update mensajes_envios set estado = $2, referencia = coalesce(referencia, left($3, 200)), entrega = $4, codigo = left($5, 60),
                entrega_en = $6, entregado_en = case when $4 in ('entregado', 'leido') then coalesce(entregado_en, $6) else entregado_en end,
                leido_en = case when $4 = 'leido' then $6 else leido_en end, error = left($7, 200)
          where id = $1",
        id,
        estado.clave(),
        entrega.referencia,
        entrega.estado.clave(),
        entrega.codigo,
        entrega.en.to_sqlx() as _,
        why
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What somebody answered to.
pub struct Respondido {
    pub mensaje: MensajeId,
    pub medio: Medio,
    pub tutor: Option<TutorId>,
    pub cita: Option<CitaId>,
}

/// The message with this reference.
pub async fn by_reference(tx: &mut Tx, complemento: &str, referencia: &str) -> Result<Option<Respondido>, Problem> {
    let row = sqlx::query!(
        "select e.mensaje_id, e.canal, e.tutor_id, m.cita_id from mensajes_envios e join mensajes m on m.id = e.mensaje_id
          where e.complemento = $1 and e.referencia = $2 limit 1",
        complemento,
        referencia
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Respondido {
        mensaje: MensajeId(row.mensaje_id),
        medio: medio(&row.canal),
        tutor: row.tutor_id.map(TutorId),
        cita: row.cita_id.map(CitaId),
    }))
}

/// The last message that left by this plugin to one of these owners; `por_responder`: about an appointment that can still be
/// answered.
pub async fn last_to(tx: &mut Tx, complemento: &str, tutores: &[TutorId], por_responder: bool) -> Result<Option<Respondido>, Problem> {
    let ids: Vec<Uuid> = tutores.iter().map(|tutor| tutor.0).collect();
    let now = tx.now().to_sqlx();
    let row = sqlx::query!(
        r#"select e.mensaje_id as "mensaje_id!", e.canal as "canal!", e.tutor_id, m.cita_id
             from mensajes_envios e join mensajes m on m.id = e.mensaje_id
            where e.complemento = $1 and e.tutor_id = any ($2) and e.estado in ('enviado', 'saliendo', 'incierto')
              and (not $3 or m.tipo in ('cita_reservada', 'cita_movida', 'cita_recordatorio')
                   and exists (select from v_citas c where c.id = m.cita_id and c.inicio > $4))
            order by e.creado_en desc, e.id desc limit 1"#,
        complemento,
        &ids,
        por_responder,
        now as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Respondido {
        mensaje: MensajeId(row.mensaje_id),
        medio: medio(&row.canal),
        tutor: row.tutor_id.map(TutorId),
        cita: row.cita_id.map(CitaId),
    }))
}

/// Of these messages, in order, with the addresses that can still be read.
pub async fn of_messages(tx: &mut Tx, mensajes: &[Uuid]) -> Result<HashMap<Uuid, Vec<EnvioDeMensaje>>, Problem> {
    let rows = sqlx::query!(
        "select mensaje_id, tutor_id, canal, complemento, destino_cifrado, estado, entrega, codigo, entregado_en, leido_en, intentos, error,
                creado_en
           from mensajes_envios where mensaje_id = any ($1) order by creado_en, id",
        mensajes
    )
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().filter_map(|row| row.tutor_id).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&people).await?.into_iter().collect();
    let mut found: HashMap<Uuid, Vec<EnvioDeMensaje>> = HashMap::new();
    for row in rows {
        let key = row.tutor_id.and_then(|tutor| keys.get(&tutor));
        let destino = key.zip(row.destino_cifrado).map(|(key, sealed)| key.open(ADDRESS, &sealed)).transpose()?;
        found.entry(row.mensaje_id).or_default().push(EnvioDeMensaje {
            canal: medio(&row.canal),
            complemento: row.complemento,
            destino,
            estado: EstadoEnvio::read(&row.estado),
            entrega: row.entrega.as_deref().map(EstadoEntrega::read),
            codigo: row.codigo,
            entregado_en: row.entregado_en.map(|en| en.to_jiff()),
            leido_en: row.leido_en.map(|en| en.to_jiff()),
            intentos: row.intentos,
            error: row.error,
            creado_en: row.creado_en.to_jiff(),
        });
    }
    Ok(found)
}
