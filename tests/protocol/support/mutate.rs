//! Random and damaged packets, the same in every run.

/// A small generator of pseudo-random numbers (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Any number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// A number below `end`; 0 if there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() % end as u64) as usize }
    }

    /// A byte, more often one that means something.
    fn byte(&mut self) -> u8 {
        const NOTABLE: [u8; 8] = [0x00, 0x01, 0x02, 0x23, 0x26, 0x7F, 0x80, 0xFF];
        let random = self.next();
        if random & 0x100 == 0 { random as u8 } else { NOTABLE[random as usize & 7] }
    }
}

/// Replaces `input` by random bytes or, more often, by a damaged sample.
pub(crate) fn next_input(random: &mut Random, samples: &[Vec<u8>], input: &mut Vec<u8>) {
    input.clear();
    if random.below(4) == 0 {
        let length = random.below(64);
        input.extend((0..length).map(|_| random.byte()));
    } else {
        input.extend_from_slice(&samples[random.below(samples.len())]);
        for _ in 0..1 + random.below(3) {
            damage(random, samples, input);
        }
    }
    if random.below(8) != 0 {
        repair_length(input);
    }
}

fn damage(random: &mut Random, samples: &[Vec<u8>], input: &mut Vec<u8>) {
    let place = random.below(input.len());
    match random.below(7) {
        0 => input.truncate(place),
        1 => input.insert(place, random.byte()),
        2 if !input.is_empty() => drop(input.remove(place)),
        3 => {
            let other = &samples[random.below(samples.len())];
            input.truncate(place);
            input.extend_from_slice(&other[random.below(other.len())..]);
        }
        4 => input.extend_from_within(place..),
        5 if !input.is_empty() => input[place] = random.byte(),
        _ if !input.is_empty() => input[place] ^= 1 << random.below(8),
        _ => {}
    }
    input.truncate(1000);
}

/// Makes the remaining length fit, so that the damage is found further inside.
fn repair_length(input: &mut Vec<u8>) {
    let header = 1 + input.iter().skip(1).take(4).take_while(|&&byte| byte >= 0x80).count() + 1;
    let Some(remaining) = input.len().checked_sub(header) else { return };
    let first_byte = input[0];
    let length = [remaining as u8 & 0x7F | 0x80, (remaining >> 7) as u8];
    let start = if remaining < 0x80 {
        vec![first_byte, remaining as u8]
    } else {
        vec![first_byte, length[0], length[1]]
    };
    input.splice(..header, start);
}
