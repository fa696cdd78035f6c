package studio.atelier.app.script;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import studio.atelier.app.library.PictureArchive;
import studio.atelier.app.library.SavedPicture;

/** Pictures that are kept as long as the test. */
final class MemoryPictures implements PictureArchive {
    private final List<SavedPicture> kept = new ArrayList<>();
    private final Set<Long> deleted = new HashSet<>();

    @Override
    public synchronized List<SavedPicture> list() {
        return kept.reversed().stream()
                .filter(picture -> !deleted.contains(picture.id()))
                .toList();
    }

    @Override
    public synchronized List<SavedPicture> search(String text) {
        return list().stream()
                .filter(picture -> picture.prompt().contains(text))
                .toList();
    }

    @Override
    public synchronized List<SavedPicture> thread(long thread) {
        return list().reversed().stream()
                .filter(picture -> picture.thread() == thread)
                .toList();
    }

    @Override
    public synchronized SavedPicture add(SavedPicture picture) {
        long id = kept.size() + 1;
        SavedPicture saved = picture.keptAs(id, picture.thread() == 0 ? id : picture.thread(), Instant.EPOCH);
        kept.add(saved);
        return saved;
    }

    @Override
    public synchronized void delete(long id) {
        deleted.add(id);
    }

    @Override
    public synchronized void restore(long id) {
        deleted.remove(id);
    }
}
