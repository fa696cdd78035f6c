package studio.atelier.engine.chat.jinja;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Python's {@code dict}: keys by Python's equality, in the order in which they came. */
final class DictValue implements Value {
    /** A key and its value. */
    record Entry(Value key, Value value) {}

    private final LinkedHashMap<Object, Entry> entries = new LinkedHashMap<>();

    /** The value of a key, null when there is none; a key that cannot be one is a type fault. */
    @Nullable
    Value get(Value key) {
        var entry = entries.get(HashKey.of(key));
        return entry == null ? null : entry.value();
    }

    @Nullable
    Value get(String key) {
        var entry = entries.get(key);
        return entry == null ? null : entry.value();
    }

    void put(Value key, Value value) {
        Object hashKey = HashKey.of(key);
        var known = entries.get(hashKey);
        entries.put(hashKey, new Entry(known == null ? key : known.key(), value));
    }

    void put(String key, Value value) {
        put(StringValue.of(key), value);
    }

    void putAll(DictValue other) {
        entries.putAll(other.entries);
    }

    @Nullable
    Value remove(Value key) {
        var entry = entries.remove(HashKey.of(key));
        return entry == null ? null : entry.value();
    }

    /** The pair that came last, taken out; null when the dict is empty. */
    @Nullable
    Entry removeLast() {
        var last = entries.pollLastEntry();
        return last == null ? null : last.getValue();
    }

    boolean contains(Value key) {
        return entries.containsKey(HashKey.of(key));
    }

    void clear() {
        entries.clear();
    }

    int size() {
        return entries.size();
    }

    DictValue copy() {
        var copy = new DictValue();
        copy.entries.putAll(entries);
        return copy;
    }

    /** The entries in order; a change of the dict's size on the way is a fault, as in Python. */
    Iterator<Entry> entries() {
        Iterator<Map.Entry<Object, Entry>> inner = entries.entrySet().iterator();
        int size = entries.size();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                if (entries.size() != size) {
                    throw JinjaException.runtime("dictionary changed size during iteration");
                }
                return inner.hasNext();
            }

            @Override
            public Entry next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return inner.next().getValue();
            }
        };
    }

    @Override
    public String typeName() {
        return "dict";
    }
}
