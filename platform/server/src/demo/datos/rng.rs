//! Chance that turns out the same every time: the demonstration has to be the same on every machine, also after
//! an update of some library, so the generator (SplitMix64) is written out here.
use super::listas::Item;

pub struct Rng(u64);

impl Rng {
    /// The same name, the same series.
    pub fn new(name: &str) -> Self {
        // FNV-1a
        Self(name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 to before 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    pub fn within(&mut self, from: f64, to: f64) -> f64 {
        from + self.unit() * (to - from)
    }
    /// Both ends included.
    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below((to - from + 1).max(1) as usize) as i64
    }
    /// From 0 to before `n`; 0 if there is no room.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }
    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
    /// One of `list`, by its weight; `None` if nothing weighs anything.
    pub fn weighted<'a, T>(&mut self, list: &'a [T], weight: impl Fn(&T) -> u32) -> Option<&'a T> {
        let total: u64 = list.iter().map(|one| u64::from(weight(one))).sum();
        let mut at = self.below(total as usize) as u64;
        list.iter().find(|one| {
            let own = u64::from(weight(one));
            let here = at < own;
            at = at.saturating_sub(own);
            here
        })
    }
    /// One text of a list; empty of an empty one.
    pub fn word(&mut self, list: &'static [Item]) -> &'static str {
        self.weighted(list, |item| item.peso).map_or("", |item| item.texto)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_gives_the_same_series() {
        let series = |name: &str| {
            let mut rng = Rng::new(name);
            (0..5).map(|_| rng.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(series("andes"), series("andes"));
        assert_ne!(series("andes"), series("costa"));
    }

    #[test]
    fn weights_and_bounds_hold() {
        let mut rng = Rng::new("pesos");
        let list = [("a", 9), ("b", 1), ("c", 0)];
        let drawn: Vec<&str> = (0..10_000).filter_map(|_| rng.weighted(&list, |(_, peso)| *peso)).map(|(text, _)| *text).collect();
        let a = drawn.iter().filter(|word| **word == "a").count();
        assert!((8_800..9_200).contains(&a) && !drawn.contains(&"c"), "{a}");
        assert!((0..1_000).all(|_| (3..=5).contains(&rng.between(3, 5)) && rng.below(7) < 7));
        assert_eq!(rng.weighted(&[1, 2], |_| 0), None);
    }
}
