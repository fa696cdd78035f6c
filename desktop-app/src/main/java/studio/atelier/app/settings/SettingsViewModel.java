package studio.atelier.app.settings;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.i18n.Language;

/** The settings of the program: what they are now, and each change on its way to the disk. Belongs to the FX thread. */
public final class SettingsViewModel {
    private final SettingsFile file;
    private final Background background;
    private final Path dataFolder;
    private final ReadOnlyObjectWrapper<AppSettings> settings;

    /** Reads the settings; waits for the disk, once. */
    public SettingsViewModel(SettingsFile file, Background background, Path dataFolder) {
        this.file = file;
        this.background = background;
        this.dataFolder = dataFolder;
        this.settings = new ReadOnlyObjectWrapper<>(file.read());
    }

    public ReadOnlyObjectProperty<AppSettings> settingsProperty() {
        return settings.getReadOnlyProperty();
    }

    public AppSettings settings() {
        return settings.get();
    }

    /** Changes something and writes it down, unless it was so before. */
    public void change(UnaryOperator<AppSettings> how) {
        AppSettings changed = how.apply(settings.get());
        if (changed.equals(settings.get())) {
            return;
        }
        settings.set(changed);
        background.inOrder(
                () -> {
                    file.write(changed);
                    return changed;
                },
                _ -> {},
                // A setting that can't be kept holds until the program ends; the log says why.
                _ -> {});
    }

    /** The language of the window. */
    public Language language() {
        return settings.get().language().orElse(systemLanguage());
    }

    /** What "as the system" means here. */
    public Language systemLanguage() {
        return Language.closestTo(Locale.getDefault());
    }

    /** Where conversations and settings are kept. */
    public Path dataFolder() {
        return dataFolder;
    }

    void choose(Optional<Language> language) {
        change(now -> now.withLanguage(language));
    }
}
