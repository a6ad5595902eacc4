//! What the platform proposes, as code: parsing it would be half of what a call costs.
use crate::pauta::Pauta;
use std::borrow::Cow;

const LIMA_CACHORRO: &str =
    "Pauta de la Municipalidad de Lima (ojo.pe): 6 a 8 semanas, 10 semanas, 3 meses, cada año; intervalos de conocimiento general";
const LIMA_QUINTUPLE: &str = "Pauta de la Municipalidad de Lima (ojo.pe): quíntuple a las 10 semanas y a los 3 meses, cada año";
const TRIPLE_FELINA: &str = "Pauta para gatos (ojo.pe): triple a las 8 o 9 semanas, otra 2 o 3 semanas después, cada año";
const WSAVA_NUCLEO: &str =
    "WSAVA (conocimiento general): última dosis a las 16 semanas o después, refuerzo entre las 26 y las 52 semanas, luego cada 3 años";
const WSAVA_ANUAL: &str = "WSAVA (conocimiento general): dos dosis y cada año";

pub static PERU: [Pauta; 12] = [
    perro("rabia", "Rabia").ley().desde(12).serie(16, 1).refuerzos(12, 12).segun("Pauta de la Municipalidad de Lima (ojo.pe): 4 meses y cada año; campaña pública VanCan: desde los 3 meses, cada año"),
    perro("parvovirus", "Parvovirus").desde(6).serie(6, 3).ultima_desde(12).adulto(16, 2).refuerzos(12, 12).segun(LIMA_CACHORRO),
    perro("moquillo", "Moquillo").desde(6).serie(6, 3).ultima_desde(12).adulto(16, 2).refuerzos(12, 12).segun(LIMA_CACHORRO),
    perro("adenovirus", "Hepatitis (adenovirus)").desde(6).serie(10, 2).ultima_desde(12).adulto(16, 2).refuerzos(12, 12).segun(LIMA_QUINTUPLE),
    perro("parainfluenza", "Parainfluenza").desde(3).serie(10, 2).adulto(16, 2).refuerzos(12, 12).segun(LIMA_QUINTUPLE),
    perro("leptospira", "Leptospirosis").desde(6).serie(10, 2).refuerzos(12, 12).caduca(18).segun("Pauta de la Municipalidad de Lima (ojo.pe): quíntuple a las 10 semanas y a los 3 meses, cada año; hay quien la repite cada 6 meses (trome.pe)"),
    perro("bordetella", "Tos de las perreras").optativa().desde(3).serie(8, 1).refuerzos(6, 6).segun("Práctica privada en Lima (trome.pe): cada 6 meses, intranasal"),
    gato("rabia", "Rabia").desde(12).serie(13, 1).refuerzos(12, 12).segun("Pauta para gatos (ojo.pe): 13 a 14 semanas y cada año"),
    gato("panleucopenia", "Panleucopenia").desde(6).serie(8, 2).refuerzos(12, 12).segun(TRIPLE_FELINA),
    gato("herpesvirus_felino", "Rinotraqueítis (herpesvirus)").desde(6).serie(8, 2).refuerzos(12, 12).segun(TRIPLE_FELINA),
    gato("calicivirus_felino", "Calicivirus").desde(6).serie(8, 2).refuerzos(12, 12).segun(TRIPLE_FELINA),
    gato("leucemia_felina", "Leucemia felina").optativa().desde(8).serie(8, 2).refuerzos(12, 12).segun("Optativa, después de una prueba (conocimiento general)"),
];

pub static WSAVA: [Pauta; 12] = [
    perro("rabia", "Rabia")
        .ley()
        .desde(12)
        .serie(12, 1)
        .refuerzos(12, 12)
        .segun("WSAVA (conocimiento general): desde las 12 semanas; cada año por la campaña pública VanCan"),
    perro("parvovirus", "Parvovirus").desde(6).serie(6, 3).ultima_desde(16).adulto(16, 1).refuerzos(12, 36).segun(WSAVA_NUCLEO),
    perro("moquillo", "Moquillo").desde(6).serie(6, 3).ultima_desde(16).adulto(16, 1).refuerzos(12, 36).segun(WSAVA_NUCLEO),
    perro("adenovirus", "Hepatitis (adenovirus)").desde(6).serie(6, 3).ultima_desde(16).adulto(16, 1).refuerzos(12, 36).segun(WSAVA_NUCLEO),
    perro("leptospira", "Leptospirosis").desde(8).serie(8, 2).refuerzos(12, 12).caduca(18).segun(WSAVA_ANUAL),
    perro("parainfluenza", "Parainfluenza").optativa().desde(3).serie(8, 2).refuerzos(12, 12).segun(WSAVA_ANUAL),
    perro("bordetella", "Tos de las perreras")
        .optativa()
        .desde(3)
        .serie(8, 1)
        .refuerzos(12, 12)
        .segun("WSAVA (conocimiento general): una dosis intranasal y cada año"),
    gato("rabia", "Rabia").desde(12).serie(12, 1).refuerzos(12, 12).segun("WSAVA (conocimiento general): desde las 12 semanas y cada año"),
    gato("panleucopenia", "Panleucopenia").desde(6).serie(6, 3).ultima_desde(16).adulto(16, 1).refuerzos(12, 36).segun(WSAVA_NUCLEO),
    gato("herpesvirus_felino", "Rinotraqueítis (herpesvirus)")
        .desde(6)
        .serie(6, 3)
        .ultima_desde(16)
        .adulto(16, 1)
        .refuerzos(12, 36)
        .segun(WSAVA_NUCLEO),
    gato("calicivirus_felino", "Calicivirus").desde(6).serie(6, 3).ultima_desde(16).adulto(16, 1).refuerzos(12, 36).segun(WSAVA_NUCLEO),
    gato("leucemia_felina", "Leucemia felina").optativa().desde(8).serie(8, 2).refuerzos(12, 12).segun(WSAVA_ANUAL),
];

const fn perro(antigeno: &'static str, nombre: &'static str) -> Pauta {
    de("perro", antigeno, nombre)
}

const fn gato(antigeno: &'static str, nombre: &'static str) -> Pauta {
    de("gato", antigeno, nombre)
}

/// Three weeks between two doses, at least two and at most eight.
const fn de(especie: &'static str, antigeno: &'static str, nombre: &'static str) -> Pauta {
    Pauta {
        antigeno: Cow::Borrowed(antigeno),
        nombre: Cow::Borrowed(nombre),
        especie: Cow::Borrowed(especie),
        ley: false,
        optativa: false,
        valida_desde_semanas: 0,
        primera_semanas: 0,
        dosis: 1,
        ultima_desde_semanas: None,
        intervalo_dias: 21,
        intervalo_minimo_dias: 14,
        intervalo_maximo_dias: 56,
        adulto_desde_semanas: None,
        adulto_dosis: None,
        refuerzo_meses: 12,
        revacunacion_meses: 12,
        caduca_meses: None,
        origen: Cow::Borrowed(""),
    }
}

/// Each says what differs.
impl Pauta {
    const fn ley(mut self) -> Self {
        self.ley = true;
        self
    }
    const fn optativa(mut self) -> Self {
        self.optativa = true;
        self
    }
    const fn desde(mut self, semanas: i32) -> Self {
        self.valida_desde_semanas = semanas;
        self
    }
    const fn serie(mut self, primera: i32, dosis: usize) -> Self {
        (self.primera_semanas, self.dosis) = (primera, dosis);
        self
    }
    const fn ultima_desde(mut self, semanas: i32) -> Self {
        self.ultima_desde_semanas = Some(semanas);
        self
    }
    const fn adulto(mut self, semanas: i32, dosis: usize) -> Self {
        (self.adulto_desde_semanas, self.adulto_dosis) = (Some(semanas), Some(dosis));
        self
    }
    const fn refuerzos(mut self, primero: i32, siguientes: i32) -> Self {
        (self.refuerzo_meses, self.revacunacion_meses) = (primero, siguientes);
        self
    }
    const fn caduca(mut self, meses: i32) -> Self {
        self.caduca_meses = Some(meses);
        self
    }
    /// Who says so. Its empty text is nothing to be dropped.
    const fn segun(mut self, origen: &'static str) -> Self {
        std::mem::forget(std::mem::replace(&mut self.origen, Cow::Borrowed(origen)));
        self
    }
}
