//! Owners: their personal values are encrypted with their own key on the way in, and found by blind index.
use crate::model::{Documento, FichaTutor, Tutor};
use crate::{model, ubigeo};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Indexer, OnConstraint, Problem, Tx,
    crypto::{CryptoError, PersonKey},
    ids::{SedeId, TutorId},
    text::DocumentoTipo,
};
use serde_json::{Value, json};

/// The columns of an owner's personal values.
#[derive(Default)]
pub(super) struct Cifrado {
    pub documento: Option<Vec<u8>>,
    pub documento_indice: Option<Vec<u8>>,
    pub telefono: Option<Vec<u8>>,
    pub telefono_indice: Option<Vec<u8>>,
    pub telefono_final: Option<Vec<u8>>,
    pub correo: Option<Vec<u8>>,
    pub correo_indice: Option<Vec<u8>>,
    pub direccion: Option<Vec<u8>>,
}

pub(super) fn seal(tx: &Tx, key: &PersonKey, ficha: &FichaTutor) -> Cifrado {
    let sealed = |field: &str, value: Option<&str>| value.map(|value| key.seal(field, value));
    let document = ficha.documento.as_ref();
    let phone = ficha.telefono.as_deref();
    let mail = ficha.correo.as_deref();
    let indexer = tx.indexer();
    Cifrado {
        documento: sealed("documento", document.map(|documento| documento.numero.as_str())),
        documento_indice: document.map(|documento| document_index(&indexer, documento)),
        telefono: sealed("telefono", phone),
        telefono_indice: phone.map(|phone| indexer.blind_index("telefono", phone)),
        telefono_final: phone.and_then(model::phone_tail).map(|tail| indexer.blind_index("telefono_final", tail)),
        correo: sealed("correo", mail),
        correo_indice: mail.map(|mail| indexer.blind_index("correo", mail)),
        direccion: sealed("direccion", ficha.direccion.as_deref()),
    }
}

pub fn document_index(de: &Indexer, documento: &Documento) -> Vec<u8> {
    de.blind_index("documento", &model::document_key(documento.tipo, &documento.numero))
}

/// Reads an owner's sealed columns. Without the key the person was forgotten: what was sealed is gone.
#[derive(Clone, Copy)]
pub struct Reader<'a>(pub Option<&'a PersonKey>);

impl Reader<'_> {
    pub fn text(self, field: &str, sealed: Option<&[u8]>) -> Result<Option<String>, CryptoError> {
        self.0.zip(sealed).map(|(key, sealed)| key.open(field, sealed)).transpose()
    }
    pub fn documento(self, tipo: Option<DocumentoTipo>, sealed: Option<&[u8]>) -> Result<Option<Documento>, CryptoError> {
        let numero = self.text("documento", sealed)?;
        Ok(tipo.zip(numero).map(|(tipo, numero)| Documento { tipo, numero }))
    }
}

/// An owner as the audit keeps it: everything personal under the person's key.
pub fn audited(key: &PersonKey, ficha: &FichaTutor) -> Value {
    let sealed = |field: &str, value: Option<&str>| value.map(|value| key.seal_text(field, value));
    json!({
        "nombres": sealed("nombres", Some(&ficha.nombres)),
        "apellidos": sealed("apellidos", Some(&ficha.apellidos)),
        "documento_tipo": ficha.documento.as_ref().map(|documento| documento.tipo),
        "documento": sealed("documento", ficha.documento.as_ref().map(|documento| documento.numero.as_str())),
        "telefono": sealed("telefono", ficha.telefono.as_deref()),
        "correo": sealed("correo", ficha.correo.as_deref()),
        "direccion": sealed("direccion", ficha.direccion.as_deref()),
        "ubigeo": ficha.ubigeo,
        "notas": sealed("notas", ficha.notas.as_deref()),
    })
}

/// Inserts the owner, or says which other one has that document. `sede`: where they are registered; without one,
/// wherever its author works.
pub async fn insert(tx: &mut Tx, id: TutorId, key: &PersonKey, ficha: &FichaTutor, sede: Option<SedeId>) -> Result<(), Problem> {
    let cifrado = seal(tx, key, ficha);
    let now = tx.now().to_sqlx();
    let done = sqlx::query!(
        r#"insert into tutores (id, nombres, apellidos, documento_tipo, documento_cifrado, documento_indice, telefono_cifrado,
                                telefono_indice, telefono_final, correo_cifrado, correo_indice, direccion_cifrada, ubigeo, notas,
                                creado_en, actualizado_en, sedes)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15,
                   case when $16::uuid is null then sedes_actuales() else array[$16::uuid] end)
           on conflict (tenant_id, documento_indice) where documento_indice is not null do nothing"#,
        id as _,
        ficha.nombres,
        ficha.apellidos,
        ficha.documento.as_ref().map(|documento| documento.tipo) as _,
        cifrado.documento,
        cifrado.documento_indice,
        cifrado.telefono,
        cifrado.telefono_indice,
        cifrado.telefono_final,
        cifrado.correo,
        cifrado.correo_indice,
        cifrado.direccion,
        ficha.ubigeo,
        ficha.notas,
        now as _,
        sede as _,
    )
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(taken(tx, ficha.documento.as_ref(), None).await?.unwrap_or_else(already)) }
}

fn already() -> Problem {
    Problem::new(model::problemas::TUTOR_YA_REGISTRADO)
}

/// The 409 that names who has this document, if somebody else does.
pub async fn taken(tx: &mut Tx, documento: Option<&Documento>, except: Option<TutorId>) -> Result<Option<Problem>, Problem> {
    let Some(documento) = documento else { return Ok(None) };
    let index = document_index(&tx.indexer(), documento);
    let other = sqlx::query!(
        r#"select coalesce(fusionado_con, id) as "id!", nombres, apellidos from tutores where documento_indice = $1 and id is distinct from $2"#,
        index,
        except as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(other.map(|other| {
        let nombre = model::full_name(&other.nombres, &other.apellidos);
        already().detail(format!("Es de {nombre}.")).with("tutor_id", other.id).with("nombre", nombre)
    }))
}

pub async fn update(tx: &mut Tx, id: TutorId, key: &PersonKey, ficha: &FichaTutor) -> Result<(), Problem> {
    let cifrado = seal(tx, key, ficha);
    let now = tx.now().to_sqlx();
    sqlx::query!(
        r#"update tutores set nombres = $2, apellidos = $3, documento_tipo = $4, documento_cifrado = $5, documento_indice = $6,
                  telefono_cifrado = $7, telefono_indice = $8, telefono_final = $9, correo_cifrado = $10, correo_indice = $11,
                  direccion_cifrada = $12, ubigeo = $13, notas = $14, actualizado_en = $15, anonimizado_en = null, version = version + 1
            where id = $1"#,
        id as _,
        ficha.nombres,
        ficha.apellidos,
        ficha.documento.as_ref().map(|documento| documento.tipo) as _,
        cifrado.documento,
        cifrado.documento_indice,
        cifrado.telefono,
        cifrado.telefono_indice,
        cifrado.telefono_final,
        cifrado.correo,
        cifrado.correo_indice,
        cifrado.direccion,
        ficha.ubigeo,
        ficha.notas,
        now as _,
    )
    .execute(&mut **tx)
    .await
    .on_constraint("tutores_documento", already)?;
    Ok(())
}

struct Fila {
    id: TutorId,
    nombres: String,
    apellidos: String,
    documento_tipo: Option<DocumentoTipo>,
    documento_cifrado: Option<Vec<u8>>,
    telefono_cifrado: Option<Vec<u8>>,
    correo_cifrado: Option<Vec<u8>>,
    direccion_cifrada: Option<Vec<u8>>,
    ubigeo: Option<String>,
    notas: Option<String>,
    fusionado_con: Option<TutorId>,
    anonimizado_en: Option<jiff_sqlx::Timestamp>,
    origen: Option<String>,
    version: i32,
    creado_en: Timestamp,
    actualizado_en: Timestamp,
}

impl Fila {
    fn open(self, key: Option<&PersonKey>) -> Result<Tutor, CryptoError> {
        let reader = Reader(key);
        Ok(Tutor {
            id: self.id,
            nombres: self.nombres,
            apellidos: self.apellidos,
            documento: reader.documento(self.documento_tipo, self.documento_cifrado.as_deref())?,
            telefono: reader.text("telefono", self.telefono_cifrado.as_deref())?,
            correo: reader.text("correo", self.correo_cifrado.as_deref())?,
            direccion: reader.text("direccion", self.direccion_cifrada.as_deref())?,
            lugar: self.ubigeo.as_deref().and_then(ubigeo::find).map(|lugar| lugar.lugar()),
            ubigeo: self.ubigeo,
            notas: self.notas,
            fusionado_con: self.fusionado_con,
            anonimizado_en: self.anonimizado_en.map(|en| en.to_jiff()),
            fusionados: Vec::new(),
            origen: self.origen,
            version: self.version,
            creado_en: self.creado_en,
            actualizado_en: self.actualizado_en,
        })
    }
}

pub async fn find(tx: &mut Tx, id: TutorId) -> Result<Option<Tutor>, Problem> {
    let fila = sqlx::query_as!(
        Fila,
        "select id, nombres, apellidos, documento_tipo, documento_cifrado, telefono_cifrado, correo_cifrado, direccion_cifrada, ubigeo,
                notas, fusionado_con as \"fusionado_con: TutorId\", anonimizado_en as \"anonimizado_en: jiff_sqlx::Timestamp\", origen, version, creado_en, actualizado_en from tutores where id = $1",
        id as _
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(fila) = fila else { return Ok(None) };
    let key = tx.person_key(id).await?;
    let fusionados = super::fusiones::into_owner(tx, id).await?;
    Ok(Some(Tutor { fusionados, ..fila.open(key.as_ref())? }))
}

/// The version, with the row locked until the transaction ends; 409 for one that was merged.
pub async fn lock(tx: &mut Tx, id: TutorId) -> Result<Option<i32>, Problem> {
    let row =
        sqlx::query!("select version, fusionado_con from tutores where id = $1 for update", id as _).fetch_optional(&mut **tx).await?;
    model::unmerged(row.as_ref().and_then(|row| row.fusionado_con))?;
    Ok(row.map(|row| row.version))
}

/// Whether a pet can be given to this owner: there is one, and it was not merged.
pub async fn accepts(tx: &mut Tx, id: TutorId) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select exists (select from tutores where id = $1 and fusionado_con is null) as "hay!""#, id as _)
        .fetch_one(&mut **tx)
        .await?)
}

/// Holds owners whose pets change, before anything else is locked: who changes an owner takes the owner first and the pets
/// after. Of two who take an owner's last two pets away the second sees that none is left.
pub async fn hold(tx: &mut Tx, ids: &[TutorId]) -> Result<(), Problem> {
    sqlx::query!("select id from tutores where id = any ($1) order by id for no key update", ids as _).fetch_all(&mut **tx).await?;
    Ok(())
}

pub async fn exists(tx: &mut Tx, id: TutorId) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select exists (select from tutores where id = $1) as "hay!""#, id as _).fetch_one(&mut **tx).await?)
}
