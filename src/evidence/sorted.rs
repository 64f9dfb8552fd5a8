//! A map of few keys in one piece of memory: most have one or two, and a node of a tree has room for eleven.

/// Keys with their values, in order.
#[derive(Clone, Debug)]
pub struct Sorted<K, V>(Vec<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted(Vec::new())
    }
}

impl<K: Ord, V> Sorted<K, V> {
    /// Number of keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where the key is, or would be.
    pub(super) fn find(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(there, _)| there.cmp(key))
    }

    /// The value of a key that is there.
    pub fn get(&self, key: &K) -> Option<&V> {
        let index = self.find(key).ok()?;
        self.0.get(index).map(|(_, value)| value)
    }

    /// The value at this place in the order.
    pub(super) fn value_mut(&mut self, index: usize) -> Option<&mut V> {
        self.0.get_mut(index).map(|(_, value)| value)
    }

    /// Puts a key in that would be at this place.
    pub(super) fn insert_at(&mut self, index: usize, key: K, value: V) {
        let n = self.0.len();
        if n == self.0.capacity() {
            self.0.reserve_exact(n / 2 + 1);
        }
        self.0.insert(index.min(n), (key, value));
    }

    /// Lets `change` work on the key's value, which is the default when there was none.
    pub fn update(&mut self, key: K, change: impl FnOnce(&mut V))
    where
        V: Default,
    {
        let index = match self.find(&key) {
            Ok(index) => index,
            Err(index) => {
                self.insert_at(index, key, V::default());
                index
            }
        };
        if let Some(value) = self.value_mut(index) {
            change(value);
        }
    }

    /// The last key.
    pub(super) fn last(&self) -> Option<&(K, V)> {
        self.0.last()
    }

    /// Takes the last key out.
    pub(super) fn pop_last(&mut self) {
        self.0.pop();
    }

    /// Drops the keys for which `keep` says no.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| keep(key, value));
    }

    /// Keys and values in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The same, to change the values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// Values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }
}

impl<K, V> IntoIterator for Sorted<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_order_whatever_the_order_they_came_in() {
        let mut map = Sorted::<u32, u32>::default();
        for n in (0..100).map(|n| n * 37 % 50) {
            map.update(n, |count| *count += 1);
        }
        assert!(
            map.iter()
                .map(|(&k, &n)| (k, n))
                .eq((0..50).map(|k| (k, 2)))
        );
        map.retain(|&key, _| key % 2 == 0);
        map.pop_last();
        assert_eq!((map.len(), map.last()), (24, Some(&(46, 2))));
        assert_eq!((map.get(&44), map.get(&45)), (Some(&2), None));
    }
}
