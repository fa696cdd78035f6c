package studio.atelier.engine.tensor;

/**
 * One way through a model. Tensors made in it are given back together when it is closed, so that the next pass finds
 * their memory ready.
 */
public interface Pass extends AutoCloseable {
    @Override
    void close();
}
