package studio.atelier.engine.chat.jinja;

import java.util.List;

/** Jinja's {@code cycler()}: gives its values one after the other and begins anew. */
final class CyclerValue implements Value {
    private final List<Value> items;
    private int position;

    CyclerValue(List<Value> items) {
        if (items.isEmpty()) {
            throw JinjaException.runtime("at least one item has to be provided");
        }
        this.items = items;
    }

    Value current() {
        return items.get(position);
    }

    Value next() {
        Value current = current();
        position = (position + 1) % items.size();
        return current;
    }

    void reset() {
        position = 0;
    }

    @Override
    public String typeName() {
        return "Cycler";
    }

    @Override
    public String qualifiedTypeName() {
        return "jinja2.utils.Cycler";
    }
}
