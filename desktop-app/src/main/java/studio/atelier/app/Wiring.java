package studio.atelier.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.kordamp.ikonli.feather.Feather;
import studio.atelier.app.chat.Answering;
import studio.atelier.app.chat.ChatViewModel;
import studio.atelier.app.chat.PictureAnswers;
import studio.atelier.app.concurrent.Background;
import studio.atelier.app.concurrent.FrameBatcher;
import studio.atelier.app.i18n.Messages;
import studio.atelier.app.images.ImagesView;
import studio.atelier.app.images.ImagesViewModel;
import studio.atelier.app.images.PictureChat;
import studio.atelier.app.images.PictureFolder;
import studio.atelier.app.library.Conversation;
import studio.atelier.app.library.Library;
import studio.atelier.app.models.KnownModel;
import studio.atelier.app.models.ModelPickerViewModel;
import studio.atelier.app.models.ModelsView;
import studio.atelier.app.models.ModelsViewModel;
import studio.atelier.app.running.ModelState;
import studio.atelier.app.running.RunningModel;
import studio.atelier.app.settings.SettingsFile;
import studio.atelier.app.settings.SettingsViewModel;
import studio.atelier.app.shell.Sections.Section;
import studio.atelier.app.sidebar.SidebarViewModel;
import studio.atelier.app.updates.UpdatesViewModel;
import studio.atelier.assets.Assets;
import studio.atelier.models.Models;
import studio.atelier.models.catalog.Machine;
import studio.atelier.models.hub.HubEnvironment;

/** Makes what the window shows, and joins the features, which do not know each other. Belongs to the FX thread. */
final class Wiring implements AutoCloseable {
    private static final String SETTINGS_FILE = "settings.json";
    private static final String PICTURES = "pictures";

    final Parts parts;
    final FrameBatcher frames = FrameBatcher.intoWindow();
    final Background background = new Background(frames);
    final SettingsViewModel settings;
    final Library library;
    final RunningModel running;
    final ModelPickerViewModel models;
    final ChatViewModel chat;
    final SidebarViewModel sidebar;
    final ModelsViewModel hub;
    final ImagesViewModel images;
    final Section imagesSection = new Section("sidebar.images", Feather.IMAGE, this::imagesView);
    final UpdatesViewModel updates;
    final Section modelsSection = new Section("sidebar.models", Feather.BOX, this::modelsView);
    /** Sections beside the conversations, in the order of the sidebar; each is one line here. */
    final List<Section> sections;

    private final Answering answering;
    private final PictureAnswers pictureAnswers;
    private Consumer<Exception> storeFailed = _ -> {};
    private Consumer<String> browser = _ -> {};
    private Runnable toChat = () -> {};
    private Consumer<Path> modelFiles = _ -> {};
    private ImagesView.Window imagesWindow = new NoWindow();

    Wiring(Parts parts) {
        this(parts, HubEnvironment.ofThisProcess());
    }

    Wiring(Parts parts, HubEnvironment environment) {
        this.parts = parts;
        settings = new SettingsViewModel(
                new SettingsFile(parts.dataFolder().resolve(SETTINGS_FILE)), background, parts.dataFolder());
        library = new Library(parts.archive(), background, parts.clock(), failure -> storeFailed.accept(failure));
        running = new RunningModel(parts.opener(), () -> settings.settings().cache(), background, frames);
        models = new ModelPickerViewModel(
                running,
                parts.included()
                        .map(folder -> new KnownModel(folder, ModelState.nameOf(folder), KnownModel.Origin.INCLUDED)),
                new ModelPickerViewModel.Memory(
                        settings.settings().openedModels(), settings.settings().lastModel()),
                memory -> settings.change(now -> now.withModels(memory.opened(), memory.last())));
        answering = new Answering(
                library,
                running,
                background,
                frames,
                parts.help(),
                new Answering.Models(models::nameOf, parts.included(), models::openLast));
        sidebar = new SidebarViewModel(library, parts.clock());
        hub = new ModelsViewModel(
                environment, parts.dataFolder(), Assets.version(), background, frames, Machine.ofThisMachine());
        PictureFolder pictures = new PictureFolder(
                parts.dataFolder().resolve(PICTURES), parts.archive().pictures(), parts.clock());
        images = new ImagesViewModel(pictures, parts.pictures(), background, frames);
        pictureAnswers = new PictureAnswers(library, new PictureChat(pictures, images, background, frames));
        chat = new ChatViewModel(library, running, answering, pictureAnswers);
        sections = List.of(imagesSection, modelsSection);
        updates = new UpdatesViewModel(settings, background, Assets.version());
        join();
    }

    private ImagesView imagesView(Messages messages) {
        ImagesView view = new ImagesView(images, imagesWindow, messages);
        images.arrive();
        return view;
    }

    /** Says what the image panel can ask of the window that is shown. */
    void whenImagesAsk(ImagesView.Window window) {
        imagesWindow = window;
    }

    private ModelsView modelsView(Messages messages) {
        ModelsView view = new ModelsView(hub, this::use, address -> browser.accept(address), messages);
        view.arrive();
        return view;
    }

    private void use(Path place) {
        if (Files.isDirectory(place)) {
            models.open(place);
        } else {
            modelFiles.accept(place);
        }
        toChat.run();
    }

    /** Says where a section's links go, how it goes back to the conversation, and who opens a model in one file. */
    void whenSectionAsks(Consumer<String> opensLinks, Runnable goesBack, Consumer<Path> opensFiles) {
        browser = opensLinks;
        toChat = goesBack;
        modelFiles = opensFiles;
    }

    private void join() {
        sidebar.selectedProperty().addListener((_, _, chosen) -> show(chosen));
        chat.conversationProperty()
                .subscribe(shown -> sidebar.selectedProperty().set(shown));
    }

    private void show(@org.jspecify.annotations.Nullable Conversation chosen) {
        if (chosen == null && chat.conversationProperty().get() != null) {
            chat.startNew();
        } else if (chosen != null) {
            chat.open(chosen);
        }
    }

    /** Says who is told that conversations can't be kept. */
    void whenStoreFails(Consumer<Exception> told) {
        storeFailed = told;
    }

    /** Reads what was kept and opens the included model, all beside the window. */
    void begin() {
        library.load(() -> {});
        models.openIncludedIfUsedLast();
        if (Models.hasDownloads(parts.dataFolder())) {
            hub.goOn();
        }
        updates.begin();
    }

    /** Ends running answers and writes down what was said; returns when it is on the disk. */
    @Override
    public void close() {
        answering.endAll();
        pictureAnswers.endAll();
        images.close();
        hub.close();
        running.close();
        background.close();
        frames.close();
    }

    /** What stands in until there is a window. */
    private static final class NoWindow implements ImagesView.Window {
        @Override
        public void findModels() {}

        @Override
        public void notice(String text) {}

        @Override
        public void offerUndo(String text, Runnable undo) {}

        @Override
        public void showSheet(javafx.scene.Node sheet) {}

        @Override
        public void hideSheet() {}
    }

    /** An exception's own words. */
    static String wordsOf(Exception failure) {
        String said = failure instanceof IOException ? failure.getMessage() : failure.toString();
        return said == null ? failure.getClass().getSimpleName() : said;
    }
}
