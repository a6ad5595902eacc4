//! Which vet, room and equipment could serve a visit, in order of preference.
use kernel::ids::{AmbienteId, EquipoId, UsuarioId};
use std::collections::HashSet;
use uuid::Uuid;

/// Vet, room and equipment of one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recursos {
    pub medico: UsuarioId,
    pub ambiente: Option<AmbienteId>,
    /// In id order: every transaction takes them in the same order, so two cannot wait for each other.
    pub equipos: Vec<EquipoId>,
}

/// All that could serve, the preferred ones first.
#[derive(Debug, Clone, Default)]
pub struct Opciones {
    pub medicos: Vec<UsuarioId>,
    /// `None`: the visit needs no room.
    pub ambientes: Option<Vec<AmbienteId>>,
    /// For each piece of equipment that the visit needs, those that would do.
    pub equipos: Vec<Vec<EquipoId>>,
}

impl Opciones {
    /// The first free of each; `None` if of some kind nothing is.
    pub fn elegir(&self, taken: &HashSet<Uuid>) -> Option<Recursos> {
        let medico = self.medicos.iter().find(|id| !taken.contains(&id.0)).copied()?;
        let ambiente = match &self.ambientes {
            Some(rooms) => Some(rooms.iter().find(|id| !taken.contains(&id.0)).copied()?),
            None => None,
        };
        let mut equipos: Vec<EquipoId> = Vec::with_capacity(self.equipos.len());
        for pieces in &self.equipos {
            equipos.push(pieces.iter().find(|id| !taken.contains(&id.0) && !equipos.contains(id)).copied()?);
        }
        equipos.sort_unstable();
        Some(Recursos { medico, ambiente, equipos })
    }

    /// Vets, rooms or equipment of each kind of which nothing is free.
    pub fn agotados(&self, taken: &HashSet<Uuid>) -> HashSet<Uuid> {
        let medicos = self.medicos.iter().map(|id| id.0).collect::<Vec<_>>();
        let ambientes = self.ambientes.iter().map(|rooms| rooms.iter().map(|id| id.0).collect());
        let equipos = self.equipos.iter().map(|pieces| pieces.iter().map(|id| id.0).collect());
        std::iter::once(medicos).chain(ambientes).chain(equipos).filter(|kind| kind.iter().all(|id| taken.contains(id))).flatten().collect()
    }

    /// Everything, each once.
    pub fn equipos_todos(&self) -> Vec<EquipoId> {
        let mut all: Vec<EquipoId> = self.equipos.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Without the rooms and equipment that are not to be had.
    pub fn sin(mut self, blocked: &HashSet<Uuid>) -> Self {
        if let Some(rooms) = &mut self.ambientes {
            rooms.retain(|id| !blocked.contains(&id.0));
        }
        self.equipos.iter_mut().for_each(|pieces| pieces.retain(|id| !blocked.contains(&id.0)));
        self
    }

    /// What a visit has already comes first, as far as it still would do.
    pub fn prefiriendo(mut self, ambiente: Option<AmbienteId>, equipos: &[EquipoId]) -> Self {
        if let Some(rooms) = &mut self.ambientes {
            rooms.sort_by_key(|id| Some(*id) != ambiente);
        }
        for pieces in &mut self.equipos {
            pieces.sort_by_key(|id| !equipos.contains(id));
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opciones() -> Opciones {
        Opciones {
            medicos: vec![UsuarioId::new(), UsuarioId::new()],
            ambientes: Some(vec![AmbienteId::new(), AmbienteId::new()]),
            equipos: vec![vec![EquipoId::new()]],
        }
    }

    #[test]
    fn the_first_free_of_each_is_taken() {
        let opciones = opciones();
        let rooms = opciones.ambientes.clone().expect("rooms");
        let taken = HashSet::from([opciones.medicos[0].0, rooms[0].0]);
        let expected = Recursos { medico: opciones.medicos[1], ambiente: Some(rooms[1]), equipos: vec![opciones.equipos[0][0]] };
        assert_eq!(opciones.elegir(&taken), Some(expected));
        assert!(opciones.agotados(&taken).is_empty());
    }

    #[test]
    fn only_kinds_without_anything_free_stand_in_the_way() {
        let opciones = opciones();
        let scanner = opciones.equipos[0][0].0;
        let taken = HashSet::from([opciones.medicos[0].0, scanner]);
        assert_eq!(opciones.elegir(&taken), None);
        assert_eq!(opciones.agotados(&taken), HashSet::from([scanner]));
    }

    #[test]
    fn two_of_a_kind_are_two_different_pieces() {
        let (a, b) = (EquipoId::new(), EquipoId::new());
        let two = Opciones { equipos: vec![vec![a, b], vec![a, b]], ambientes: None, ..opciones() };
        assert_eq!(two.elegir(&HashSet::new()).map(|r| r.equipos.len()), Some(2));
        assert_eq!(two.elegir(&HashSet::from([a.0])), None);
    }

    #[test]
    fn what_a_visit_has_comes_first() {
        let opciones = opciones();
        let second = opciones.ambientes.as_ref().map(|rooms| rooms[1]);
        let first = opciones.prefiriendo(second, &[]).elegir(&HashSet::new()).expect("all free");
        assert_eq!(first.ambiente, second);
    }
}
