//! The ledger of consents: lines are added, never changed.
use super::tutores::Reader;
use crate::model::{Canal, Consentimiento, Finalidad, Medio, NuevoConsentimiento};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{Problem, Tx, crypto::PersonKey, ids::TutorId};
use std::collections::HashMap;
use uuid::Uuid;

pub async fn insert(tx: &mut Tx, tutor: TutorId, key: &PersonKey, nuevo: &NuevoConsentimiento) -> Result<Consentimiento, Problem> {
    let (id, en, autor_id) = (Uuid::now_v7(), tx.now(), tx.author());
    let NuevoConsentimiento { finalidad, otorgado, medio, canal, texto_version, evidencia } = nuevo.clone();
    sqlx::query!(
        "insert into consentimientos (id, tutor_id, finalidad, otorgado, medio, canal, texto_version, evidencia_cifrada, en, autor_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        id,
        tutor as _,
        finalidad as _,
        otorgado,
        medio as _,
        canal as _,
        texto_version,
        evidencia.as_deref().map(|evidencia| key.seal("evidencia", evidencia)),
        en.to_sqlx() as _,
        autor_id
    )
    .execute(&mut **tx)
    .await?;
    Ok(Consentimiento { id, finalidad, otorgado, medio, canal, texto_version, evidencia, en, autor_id })
}

/// What many agreed to when they registered, on paper and by whatever medium, each at that time.
pub async fn insert_many(tx: &mut Tx, who: &[(TutorId, Timestamp)], finalidad: Finalidad, texto_version: &str) -> Result<(), Problem> {
    let ids: Vec<Uuid> = who.iter().map(|_| Uuid::now_v7()).collect();
    let tutores: Vec<TutorId> = who.iter().map(|(tutor, _)| *tutor).collect();
    let en: Vec<jiff_sqlx::Timestamp> = who.iter().map(|(_, en)| en.to_sqlx()).collect();
    let autor = tx.author();
    sqlx::query!(
        "insert into consentimientos (id, tutor_id, finalidad, otorgado, canal, texto_version, en, autor_id)
         select c.id, c.tutor, $4, true, 'presencial', $5, c.en, $6
           from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as c(id, tutor, en)",
        &ids,
        &tutores as _,
        &en as _,
        finalidad as _,
        texto_version,
        autor
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// All that an owner said, also under the records that were merged into this one, newest first.
pub async fn of(tx: &mut Tx, tutor: TutorId) -> Result<Vec<Consentimiento>, Problem> {
    let rows = sqlx::query!(
        r#"select id, tutor_id as "tutor_id: TutorId", finalidad as "finalidad: Finalidad", otorgado, medio as "medio: Medio",
                  canal as "canal: Canal", texto_version, evidencia_cifrada, en, autor_id
             from consentimientos
            where tutor_id = any (array(select $1::uuid union all select t.id from tutores t where t.fusionado_con = $1))
            order by en desc, id desc"#,
        tutor as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let people: Vec<Uuid> = rows.iter().map(|row| row.tutor_id.into()).collect();
    let keys: HashMap<Uuid, PersonKey> = tx.person_keys(&people).await?.into_iter().collect();
    rows.into_iter()
        .map(|row| {
            // Of somebody forgotten the evidence is gone with the key.
            let evidencia = Reader(keys.get(&row.tutor_id.0)).text("evidencia", row.evidencia_cifrada.as_deref())?;
            Ok(Consentimiento {
                id: row.id,
                finalidad: row.finalidad,
                otorgado: row.otorgado,
                medio: row.medio,
                canal: row.canal,
                texto_version: row.texto_version,
                evidencia,
                en: row.en.to_jiff(),
                autor_id: row.autor_id,
            })
        })
        .collect()
}

/// Who was asked about, medium, and what was said, oldest first; also under merged records.
pub async fn said(tx: &mut Tx, tutores: &[TutorId], finalidad: Finalidad) -> Result<Vec<(TutorId, Option<Medio>, bool)>, Problem> {
    let rows = sqlx::query!(
        r#"select coalesce(t.fusionado_con, t.id) as "tutor_id!: TutorId", c.medio as "medio: Medio", c.otorgado
             from tutores t join consentimientos c on c.tutor_id = t.id
            where (t.id = any ($1) or t.fusionado_con = any ($1)) and c.finalidad = $2 order by c.en, c.id"#,
        tutores as _,
        finalidad as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tutor_id, row.medio, row.otorgado)).collect())
}
