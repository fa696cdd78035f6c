package studio.atelier.app.updates;

import java.util.Optional;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.i18n.Language;
import studio.atelier.app.settings.AppSettings;
import studio.atelier.app.settings.SettingsViewModel;

/** Looks for a newer version when a person wants it. Belongs to the FX thread; the network is asked beside it. */
public final class UpdatesViewModel {
    private final SettingsViewModel settings;
    private final Background background;
    private final String version;
    private final ReadOnlyObjectWrapper<UpdateState> state = new ReadOnlyObjectWrapper<>(new UpdateState.NotLooked());
    private final ReadOnlyObjectWrapper<Optional<Release>> offered = new ReadOnlyObjectWrapper<>(Optional.empty());

    /** @param version of this program */
    public UpdatesViewModel(SettingsViewModel settings, Background background, String version) {
        this.settings = settings;
        this.background = background;
        this.version = version;
    }

    public ReadOnlyObjectProperty<UpdateState> stateProperty() {
        return state.getReadOnlyProperty();
    }

    /** A newer version that the person is to be shown; empty when there is none, or when it was dealt with. */
    public ReadOnlyObjectProperty<Optional<Release>> offeredProperty() {
        return offered.getReadOnlyProperty();
    }

    public String version() {
        return version;
    }

    /** What the person chose. */
    public AppSettings.Updates chosen() {
        return settings.settings().updates();
    }

    /** At the start of the program: looks if the person asked for it, and offers what was not skipped. */
    public void begin() {
        if (chosen().atStart() && !chosen().address().isBlank()) {
            look(release -> chosen().skipped().filter(release.version()::equals).isEmpty());
        }
    }

    /** Looks now, and offers also what was skipped. */
    public void lookNow() {
        look(_ -> true);
    }

    private void look(java.util.function.Predicate<Release> offer) {
        String address = chosen().address();
        String language = settings.language() == Language.SIMPLIFIED_CHINESE ? "zh" : "en";
        state.set(new UpdateState.Looking());
        background.atOnce(
                () -> VersionFile.fetch(address, language),
                release -> {
                    boolean newer = release.isNewerThan(version);
                    state.set(newer ? new UpdateState.Newer(release) : new UpdateState.Newest());
                    offered.set(Optional.of(release).filter(found -> newer && offer.test(found)));
                },
                failure -> state.set(new UpdateState.Failed(
                        failure.getMessage() == null ? failure.toString() : failure.getMessage())));
    }

    /** Looks at every start from now on, or never by itself. */
    public void lookAtStart(boolean wanted) {
        settings.change(now -> now.withUpdates(new AppSettings.Updates(
                wanted, now.updates().address(), now.updates().skipped())));
    }

    /** Says where the version file is. */
    public void useAddress(String address) {
        settings.change(now -> now.withUpdates(new AppSettings.Updates(
                now.updates().atStart(), address.strip(), now.updates().skipped())));
    }

    /** Never offers this version by itself again. */
    public void skip(Release release) {
        settings.change(now -> now.withUpdates(new AppSettings.Updates(
                now.updates().atStart(), now.updates().address(), Optional.of(release.version()))));
        offered.set(Optional.empty());
    }

    /** Leaves the offer for the next start. */
    public void later() {
        offered.set(Optional.empty());
    }
}
