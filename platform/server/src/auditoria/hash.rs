//! What a link is made of.
use kernel::ids::TenantId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub type Hash = [u8; 32];

/// Before the first link.
pub const ZERO: Hash = [0; 32];

/// An audit row with every column, times in microseconds, `jsonb` as PostgreSQL writes it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub tenant: TenantId,
    pub id: Uuid,
    pub xid: i64,
    pub en: i64,
    pub actor_tipo: String,
    pub actor_id: Option<Uuid>,
    pub ip: Option<String>,
    pub traza: Option<String>,
    pub sede_id: Option<Uuid>,
    pub accion: String,
    pub entidad: String,
    pub entidad_id: Option<Uuid>,
    pub ids: Option<Vec<Uuid>>,
    pub antes: Option<String>,
    pub despues: Option<String>,
}

/// SHA-256 of the link before, the number, and every column with its length in front, so that nothing can move
/// from one column to the next; an absent value differs from an empty one.
pub fn link(before: &Hash, numero: i64, row: &Row) -> Hash {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(numero.to_be_bytes());
    let mut field = |bytes: Option<&[u8]>| match bytes {
        None => hash.update([0]),
        Some(bytes) => {
            hash.update([1]);
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    };
    let ids: Option<Vec<u8>> = row.ids.as_ref().map(|ids| ids.iter().flat_map(|id| *id.as_bytes()).collect());
    field(Some(row.tenant.0.as_bytes()));
    field(Some(row.id.as_bytes()));
    field(Some(&row.xid.to_be_bytes()));
    field(Some(&row.en.to_be_bytes()));
    field(Some(row.actor_tipo.as_bytes()));
    field(row.actor_id.as_ref().map(|id| id.as_bytes().as_slice()));
    field(row.ip.as_deref().map(str::as_bytes));
    field(row.traza.as_deref().map(str::as_bytes));
    field(row.sede_id.as_ref().map(|id| id.as_bytes().as_slice()));
    field(Some(row.accion.as_bytes()));
    field(Some(row.entidad.as_bytes()));
    field(row.entidad_id.as_ref().map(|id| id.as_bytes().as_slice()));
    field(ids.as_deref());
    field(row.antes.as_deref().map(str::as_bytes));
    field(row.despues.as_deref().map(str::as_bytes));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            tenant: TenantId(Uuid::nil()),
            id: Uuid::nil(),
            xid: 7,
            en: 1,
            actor_tipo: "sistema".into(),
            actor_id: None,
            ip: None,
            traza: None,
            sede_id: None,
            accion: "crear".into(),
            entidad: "cita".into(),
            entidad_id: None,
            ids: None,
            antes: None,
            despues: Some("{}".into()),
        }
    }

    #[test]
    fn every_column_and_every_neighbour_counts() {
        let base = link(&ZERO, 1, &row());
        let variants = [
            Row { tenant: TenantId(Uuid::max()), ..row() },
            Row { id: Uuid::max(), ..row() },
            Row { xid: 8, ..row() },
            Row { en: 2, ..row() },
            Row { actor_tipo: "usuario".into(), ..row() },
            Row { actor_id: Some(Uuid::nil()), ..row() },
            Row { ip: Some(String::new()), ..row() },
            Row { traza: Some(String::new()), ..row() },
            Row { sede_id: Some(Uuid::nil()), ..row() },
            Row { accion: "crearc".into(), entidad: "ita".into(), ..row() },
            Row { entidad_id: Some(Uuid::nil()), ..row() },
            Row { ids: Some(vec![]), ..row() },
            Row { antes: Some("{}".into()), despues: None, ..row() },
            Row { despues: Some("{ }".into()), ..row() },
        ];
        let mut seen = vec![base, link(&ZERO, 2, &row()), link(&base, 1, &row())];
        seen.extend(variants.iter().map(|variant| link(&ZERO, 1, variant)));
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all, "two different links have the same hash");
    }
}
