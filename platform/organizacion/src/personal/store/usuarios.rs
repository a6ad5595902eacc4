//! `usuarios`. Personal values are encrypted on the way in and decrypted on the way out.
use super::asignaciones;
use crate::{
    personal::model::{Asignacion, DatosUsuario, DocumentoPersonal, Usuario},
    problemas::CORREO_REPETIDO,
};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    crypto::{CryptoError, PersonKey},
    ids::{SedeId, UsuarioId},
};
use std::collections::HashMap;
use uuid::Uuid;

/// Shown instead of a value whose person was forgotten.
const OLVIDADO: &str = "[olvidado]";

struct Row {
    id: UsuarioId,
    nombres: String,
    apellidos: String,
    correo_cifrado: Vec<u8>,
    telefono_cifrado: Option<Vec<u8>>,
    documento_cifrado: Option<Vec<u8>>,
    es_medico: bool,
    cmvp: Option<String>,
    activo: bool,
    invitacion_pendiente: bool,
    segundo_factor: bool,
    creado_en: jiff_sqlx::Timestamp,
    version: i32,
}

impl Row {
    fn open(self, key: Option<&PersonKey>, asignaciones: Vec<Asignacion>) -> Result<Usuario, CryptoError> {
        let open = |field: &str, sealed: &[u8]| key.map(|key| key.open(field, sealed)).transpose();
        let telefono = self.telefono_cifrado.as_deref().map(|sealed| open("telefono", sealed)).transpose()?.flatten();
        let documento = self.documento_cifrado.as_deref().map(|sealed| open("documento", sealed)).transpose()?.flatten();
        Ok(Usuario {
            id: self.id,
            correo: open("correo", &self.correo_cifrado)?.unwrap_or_else(|| OLVIDADO.to_owned()),
            telefono,
            documento: documento.as_deref().and_then(DocumentoPersonal::from_text),
            nombres: self.nombres,
            apellidos: self.apellidos,
            es_medico: self.es_medico,
            cmvp: self.cmvp,
            activo: self.activo,
            invitacion_pendiente: self.invitacion_pendiente,
            segundo_factor: self.segundo_factor,
            asignaciones,
            creado_en: self.creado_en.to_jiff(),
            version: self.version,
        })
    }
}

/// Decrypts all rows and adds their assignments, in two round trips.
async fn complete(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<Usuario>, Problem> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.into()).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&ids).await?.into_iter().collect();
    let mut roles: HashMap<UsuarioId, Vec<Asignacion>> = HashMap::new();
    for asignacion in asignaciones::of(tx, &ids).await? {
        roles.entry(asignacion.usuario_id).or_default().push(asignacion);
    }
    let open = |row: Row| {
        let asignaciones = roles.remove(&row.id).unwrap_or_default();
        let key = keys.get(&row.id.into());
        row.open(key, asignaciones)
    };
    Ok(rows.into_iter().map(open).collect::<Result<_, _>>()?)
}

/// Where a page of people starts: surname, name, id.
pub type After = (String, String, Uuid);

/// What a list of people is narrowed by.
#[derive(Debug, Default)]
pub struct Filter {
    pub sede: Option<SedeId>,
    pub es_medico: Option<bool>,
    pub activo: Option<bool>,
}

/// Staff of the sedes that this transaction sees: whoever works in one of them or in the whole chain.
pub async fn list(tx: &mut Tx, filter: &Filter, after: Option<&After>, limit: i64) -> Result<Vec<Usuario>, Problem> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, nombres, apellidos, correo_cifrado, telefono_cifrado, documento_cifrado, es_medico, cmvp, activo,
                  contrasena is null as "invitacion_pendiente!", totp_desde is not null as "segundo_factor!", creado_en, version
             from usuarios u
            where (current_setting('app.ambito', true) = 'cadena' or exists (
                     select from asignaciones a where a.tenant_id = u.tenant_id and a.usuario_id = u.id
                        and (a.sede_id is null or sede_visible(a.sede_id))))
              and ($1::uuid is null or exists (
                     select from asignaciones a where a.tenant_id = u.tenant_id and a.usuario_id = u.id
                        and (a.sede_id is null or a.sede_id = $1)))
              and ($2::boolean is null or es_medico = $2) and ($3::boolean is null or activo = $3)
              and ($4::text is null or (apellidos, nombres, id) > ($4, $5, $6))
            order by apellidos, nombres, id limit $7"#,
        filter.sede as _,
        filter.es_medico,
        filter.activo,
        after.map(|(apellidos, ..)| apellidos.as_str()),
        after.map(|(_, nombres, _)| nombres.as_str()),
        after.map(|(.., id)| *id),
        limit + 1,
    )
    .fetch_all(&mut **tx)
    .await?;
    complete(tx, rows).await
}

/// One person, if this transaction may see them.
pub async fn get(tx: &mut Tx, id: UsuarioId) -> Result<Option<Usuario>, Problem> {
    let row = sqlx::query_as!(
        Row,
        r#"select id, nombres, apellidos, correo_cifrado, telefono_cifrado, documento_cifrado, es_medico, cmvp, activo,
                  contrasena is null as "invitacion_pendiente!", totp_desde is not null as "segundo_factor!", creado_en, version
             from usuarios u
            where id = $1 and (current_setting('app.ambito', true) = 'cadena' or exists (
                     select from asignaciones a where a.tenant_id = u.tenant_id and a.usuario_id = u.id
                        and (a.sede_id is null or sede_visible(a.sede_id))))"#,
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(complete(tx, row.into_iter().collect()).await?.pop())
}

/// Somebody's own record, whatever the transaction sees.
pub async fn own(tx: &mut Tx, id: UsuarioId) -> Result<Option<Usuario>, Problem> {
    let row = sqlx::query_as!(
        Row,
        r#"select id, nombres, apellidos, correo_cifrado, telefono_cifrado, documento_cifrado, es_medico, cmvp, activo,
                  contrasena is null as "invitacion_pendiente!", totp_desde is not null as "segundo_factor!", creado_en, version
             from usuarios where id = $1"#,
        id as _,
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(complete(tx, row.into_iter().collect()).await?.pop())
}

/// Holds the row until the transaction ends; bookings of a vet, who refer to it, do not wait.
pub async fn lock(tx: &mut Tx, id: UsuarioId) -> Result<Option<Usuario>, Problem> {
    sqlx::query!(r#"select 1 as "one!" from usuarios where id = $1 for no key update"#, id as _).fetch_optional(&mut **tx).await?;
    get(tx, id).await
}

struct Sealed {
    correo: Vec<u8>,
    correo_indice: Vec<u8>,
    telefono: Option<Vec<u8>>,
    documento: Option<Vec<u8>>,
}

fn seal(tx: &Tx, key: &PersonKey, datos: &DatosUsuario) -> Sealed {
    Sealed {
        correo: key.seal("correo", &datos.correo),
        correo_indice: correo_indice(tx, &datos.correo),
        telefono: datos.telefono.as_deref().map(|plain| key.seal("telefono", plain)),
        documento: datos.documento.as_ref().map(|plain| key.seal("documento", &plain.to_text())),
    }
}

/// By which an e-mail is found again.
pub fn correo_indice(tx: &Tx, correo: &str) -> Vec<u8> {
    tx.blind_index("correo", &kernel::text::email(correo))
}

pub async fn insert(tx: &mut Tx, id: UsuarioId, datos: &DatosUsuario) -> Result<PersonKey, Problem> {
    let key = tx.create_person_key(id).await?;
    let sealed = seal(tx, &key, datos);
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into usuarios (id, nombres, apellidos, correo_cifrado, correo_indice, telefono_cifrado, documento_cifrado, es_medico, cmvp, creado_en)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id as _,
        datos.nombres,
        datos.apellidos,
        sealed.correo,
        sealed.correo_indice,
        sealed.telefono,
        sealed.documento,
        datos.es_medico,
        datos.cmvp,
        now as _,
    )
    .execute(&mut **tx)
    .await
    .map_err(repeated)?;
    Ok(key)
}

pub async fn update(tx: &mut Tx, id: UsuarioId, key: &PersonKey, datos: &DatosUsuario) -> Result<(), Problem> {
    let sealed = seal(tx, key, datos);
    sqlx::query!(
        "update usuarios set nombres = $2, apellidos = $3, correo_cifrado = $4, correo_indice = $5, telefono_cifrado = $6,
                documento_cifrado = $7, es_medico = $8, cmvp = $9, version = version + 1 where id = $1",
        id as _,
        datos.nombres,
        datos.apellidos,
        sealed.correo,
        sealed.correo_indice,
        sealed.telefono,
        sealed.documento,
        datos.es_medico,
        datos.cmvp,
    )
    .execute(&mut **tx)
    .await
    .map_err(repeated)?;
    Ok(())
}

fn repeated(error: sqlx::Error) -> Problem {
    match error.as_database_error().and_then(|db| db.constraint()) {
        Some("usuarios_tenant_id_correo_indice_key") => Problem::new(CORREO_REPETIDO),
        _ => error.into(),
    }
}

/// Holds the row against bookings too: who was told that the vet works here has booked by now, and can be seen.
pub async fn lock_out(tx: &mut Tx, id: UsuarioId) -> Result<(), Problem> {
    sqlx::query!(r#"select 1 as "one!" from usuarios where id = $1 for update"#, id as _).fetch_optional(&mut **tx).await?;
    Ok(())
}

pub async fn set_activo(tx: &mut Tx, id: UsuarioId, activo: bool) -> Result<(), Problem> {
    sqlx::query!("update usuarios set activo = $2, version = version + 1 where id = $1", id as _, activo).execute(&mut **tx).await?;
    Ok(())
}

/// The demonstration's password, already hashed.
pub async fn set_contrasena(tx: &mut Tx, id: UsuarioId, phc: &str) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!("update usuarios set contrasena = $2, contrasena_en = $3 where id = $1", id as _, phc, now as _)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Who has which of these e-mails, by the e-mail's index.
pub async fn by_correo(tx: &mut Tx, indices: &[Vec<u8>]) -> Result<HashMap<Vec<u8>, UsuarioId>, Problem> {
    let rows = sqlx::query!("select id, correo_indice from usuarios where correo_indice = any($1)", indices).fetch_all(&mut **tx).await?;
    Ok(rows.into_iter().map(|row| (row.correo_indice, row.id)).collect())
}

/// Everybody at work who holds a permission in a sede, with their e-mail. Invitations that nobody accepted are nobody yet.
pub async fn con_permiso(tx: &mut Tx, sede: SedeId, permiso: &str) -> Result<Vec<(UsuarioId, String)>, Problem> {
    let rows = sqlx::query!(
        r#"select u.id as "id: UsuarioId", u.correo_cifrado from usuarios u
            where u.activo and u.contrasena is not null
              and exists (select from asignaciones a join roles_permisos p on p.tenant_id = a.tenant_id and p.rol_id = a.rol_id and p.permiso = $2
                           where a.tenant_id = u.tenant_id and a.usuario_id = u.id and (a.sede_id is null or a.sede_id = $1))
            order by u.id"#,
        sede as _,
        permiso
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.into()).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&ids).await?.into_iter().collect();
    // Nobody writes to somebody who was forgotten.
    let known = rows.into_iter().filter_map(|row| Some((row.id, keys.get(&row.id.into())?, row.correo_cifrado)));
    Ok(known.map(|(id, key, sealed)| Ok((id, key.open("correo", &sealed)?))).collect::<Result<_, CryptoError>>()?)
}

/// The people behind these e-mails, by the e-mail in lower case; unknown ones are missing.
pub async fn correos(tx: &mut Tx, correos: &[&str]) -> Result<HashMap<String, UsuarioId>, Problem> {
    let indices: Vec<Vec<u8>> = correos.iter().map(|correo| correo_indice(tx, correo)).collect();
    let found = by_correo(tx, &indices).await?;
    let named = correos.iter().zip(&indices).filter_map(|(correo, indice)| Some((kernel::text::email(correo), *found.get(indice)?)));
    Ok(named.collect())
}
