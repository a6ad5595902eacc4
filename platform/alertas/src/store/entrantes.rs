//! What came in by channels. Texts are under their writer's key; of a number that nobody has, sealed for the chain.
use crate::{
    canales::Respuesta,
    model::{AccionDeMensaje, Entrante, HechoDeRespuesta, Recibida},
};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    crypto::PersonKey,
    ids::{CitaId, MensajeId, TutorId, UsuarioId},
};
use pacientes::Medio;
use serde_json::{Value, json};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// What a text is sealed for, under a person's key; and with its number, for the chain.
const TEXT: &str = "respuesta_mensaje";
/// What a text may come to; providers take no more than four times of it.
const LARGEST: usize = 1_000;

/// Something to note.
pub struct Nueva<'a> {
    pub complemento: &'a str,
    pub respuesta: &'a Respuesta,
    pub leida: &'a Entrante,
    pub tutor: Option<TutorId>,
}

/// `None` of what was noted before.
pub async fn insert(tx: &mut Tx, nueva: &Nueva<'_>) -> Result<Option<Uuid>, Problem> {
    let Nueva { complemento, respuesta, leida, tutor } = nueva;
    let Respuesta { de, texto, boton, referencia, en } = respuesta;
    let same = json!([complemento, de, texto, boton, referencia, en]).to_string();
    let huella = tx.blind_index("respuesta_mensaje", &same);
    let short: String = texto.chars().filter(|letter| *letter != '\0').take(LARGEST).collect();
    let key = match tutor {
        Some(tutor) => tx.person_key(*tutor).await?,
        None => None,
    };
    let sellado = match &key {
        None => Some(tx.seal_secret(TEXT, json!({ "de": de, "texto": short }).to_string())?),
        Some(_) => None,
    };
    let hecho = if leida.accion.is_some() { HechoDeRespuesta::PorHacer } else { HechoDeRespuesta::PorLeer };
    let now = tx.now().to_sqlx();
    let id = sqlx::query_scalar!(
        "insert into mensajes_respuestas (id, huella, complemento, canal, mensaje_id, tutor_id, cita_id, texto_cifrado, sellado, accion, hecho,
                                          en, recibida_en)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (tenant_id, huella) do nothing returning id",
        Uuid::now_v7(),
        huella,
        complemento,
        leida.medio.map(Medio::clave),
        leida.mensaje.map(Uuid::from),
        key.as_ref().and(*tutor).map(Uuid::from),
        leida.cita.map(Uuid::from),
        key.map(|key| key.seal(TEXT, &short)),
        sellado,
        leida.accion.map(AccionDeMensaje::clave),
        hecho.clave(),
        en.to_sqlx() as _,
        now as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(id)
}

/// One that asks for something that was not done yet; nobody else does it until the transaction ends.
pub async fn waiting(tx: &mut Tx, id: Uuid) -> Result<Option<Entrante>, Problem> {
    let row = sqlx::query!(
        "select mensaje_id, canal, tutor_id, cita_id, accion from mensajes_respuestas where id = $1 and hecho = 'por_hacer' for update",
        id
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Entrante {
        mensaje: row.mensaje_id.map(MensajeId),
        medio: row.canal.as_deref().and_then(Medio::read),
        tutor: row.tutor_id.map(TutorId),
        cita: row.cita_id.map(CitaId),
        accion: row.accion.as_deref().and_then(AccionDeMensaje::read),
    }))
}

pub async fn done(tx: &mut Tx, id: Uuid, hecho: HechoDeRespuesta) -> Result<(), Problem> {
    sqlx::query!("update mensajes_respuestas set hecho = $2, version = version + 1 where id = $1", id, hecho.clave())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

#[derive(Debug, Default)]
pub struct Filter {
    pub id: Option<Uuid>,
    pub tutor: Option<TutorId>,
    /// For somebody of the desk, and nobody saw to it.
    pub abierta: Option<bool>,
    /// After this place in the list.
    pub after: Option<(Timestamp, Uuid)>,
}

/// The newest first.
pub async fn list(tx: &mut Tx, filter: Filter, limit: i64) -> Result<Vec<Recibida>, Problem> {
    let (en, id) = filter.after.unzip();
    let rows = sqlx::query!(
        "select id, canal, mensaje_id, tutor_id, cita_id, texto_cifrado, sellado, accion, hecho, en, recibida_en, atendida_en, atendida_por,
                version
           from mensajes_respuestas
          where ($1::uuid is null or id = $1) and ($2::uuid is null or tutor_id = $2)
            and ($3::boolean is null or $3 = (atendida_en is null and hecho in ('por_leer', 'no_se_puede')))
            and ($4::timestamptz is null or (recibida_en, id) < ($4, $5::uuid))
          order by recibida_en desc, id desc limit $6",
        filter.id,
        filter.tutor.map(Uuid::from),
        filter.abierta,
        en.map(|en| en.to_sqlx()) as _,
        id,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().filter_map(|row| row.tutor_id).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&people).await?.into_iter().collect();
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let key = row.tutor_id.and_then(|tutor| keys.get(&tutor));
        let of_person = key.zip(row.texto_cifrado).map(|(key, sealed)| key.open(TEXT, &sealed)).transpose()?;
        let sealed: Value = match &row.sellado {
            Some(sealed) => serde_json::from_str(&tx.open_secret(TEXT, sealed)?).map_err(Problem::internal)?,
            None => Value::Null,
        };
        found.push(Recibida {
            id: row.id,
            canal: row.canal.as_deref().and_then(Medio::read),
            mensaje_id: row.mensaje_id.map(MensajeId),
            tutor_id: row.tutor_id.map(TutorId),
            cita_id: row.cita_id.map(CitaId),
            de: sealed["de"].as_str().map(str::to_owned),
            texto: of_person.or_else(|| sealed["texto"].as_str().map(str::to_owned)),
            accion: row.accion.as_deref().and_then(AccionDeMensaje::read),
            hecho: HechoDeRespuesta::read(&row.hecho),
            en: row.en.to_jiff(),
            recibida_en: row.recibida_en.to_jiff(),
            atendida_en: row.atendida_en.map(|en| en.to_jiff()),
            atendida_por: row.atendida_por.map(UsuarioId),
            version: row.version,
        });
    }
    Ok(found)
}

/// Until the transaction ends nobody else changes it.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Recibida>, Problem> {
    sqlx::query!("select id from mensajes_respuestas where id = $1 for update", id).fetch_optional(&mut **tx).await?;
    Ok(list(tx, Filter { id: Some(id), ..Filter::default() }, 1).await?.pop())
}

pub async fn attend(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    let (now, author) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "update mensajes_respuestas set atendida_en = $2, atendida_por = $3, version = version + 1 where id = $1",
        id,
        now as _,
        author
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is over, in small bites. Role `huella_jobs`.
pub async fn forget(db: &mut PgConnection, before: Timestamp, limit: i64) -> Result<u64, Problem> {
    let done = sqlx::query!(
        "delete from mensajes_respuestas where ctid in (select ctid from mensajes_respuestas where recibida_en < $1 limit $2)",
        before.to_sqlx() as _,
        limit
    );
    Ok(done.execute(db).await?.rows_affected())
}
