package io.sampo.cluster.serialization;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.apache.pekko.serialization.jackson.JacksonCborSerializer;
import org.junit.jupiter.api.DynamicTest;

/**
 * Sends every control message of a module through serialization and back, so that none is forgotten
 * when it is added. For the test factories of each module that has some.
 */
public final class ControlMessageRoundTrip {
  private final Class<?> neighbour;
  private final Set<Class<?>> local = new HashSet<>();
  private final Map<Class<?>, Object> samples = new HashMap<>();

  private ControlMessageRoundTrip(Class<?> neighbour) {
    this.neighbour = neighbour;
  }

  /** The control messages among the classes that were compiled together with one of them. */
  public static ControlMessageRoundTrip ofAllCompiledWith(Class<?> neighbour) {
    return new ControlMessageRoundTrip(neighbour);
  }

  /** Leaves out a type, and what extends it, that an actor only ever tells itself. */
  public ControlMessageRoundTrip except(Class<?> localType) {
    local.add(localType);
    return this;
  }

  /** Uses this message for its type, when not every value would do. */
  public ControlMessageRoundTrip with(Object sample) {
    samples.put(sample.getClass(), sample);
    return this;
  }

  /**
   * A test per type.
   *
   * @param testKit its configuration is the one tested
   */
  public Stream<DynamicTest> tests(ActorTestKit testKit) throws IOException, URISyntaxException {
    List<Class<?>> types = controlMessages();
    assertThat(types).as("control messages beside %s", neighbour).isNotEmpty();
    return types.stream()
        .map(
            type ->
                DynamicTest.dynamicTest(
                    type.getName(),
                    () -> {
                      for (boolean withNulls : new boolean[] {false, true}) {
                        assertComesBack(sampleOf(type, testKit, withNulls), testKit);
                      }
                    }));
  }

  private Object sampleOf(Class<?> type, ActorTestKit testKit, boolean withNulls)
      throws ReflectiveOperationException {
    Object given = samples.get(type);
    return given == null
        ? new SampleRecords(testKit.createTestProbe().getRef(), withNulls).of(type)
        : given;
  }

  private static void assertComesBack(Object message, ActorTestKit testKit) throws IOException {
    Serialization serialization = SerializationExtension.get(testKit.system());
    Serializer serializer = serialization.serializerFor(message.getClass());
    assertThat(serializer)
        .as("the serializer of %s", message)
        .isInstanceOf(JacksonCborSerializer.class);

    byte[] bytes = serialization.serialize(message).get();
    Object back =
        serialization
            .deserialize(
                bytes, serializer.identifier(), Serializers.manifestFor(serializer, message))
            .get();

    // Records compare arrays by identity.
    assertThat(back).usingRecursiveComparison().isEqualTo(message);
  }

  private List<Class<?>> controlMessages() throws IOException, URISyntaxException {
    Path root = Path.of(neighbour.getProtectionDomain().getCodeSource().getLocation().toURI());
    ClassLoader loader = Objects.requireNonNull(neighbour.getClassLoader());
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .map(file -> load(root.relativize(file).toString(), loader))
          .filter(ControlMessage.class::isAssignableFrom)
          .filter(type -> !type.isInterface() && !Modifier.isAbstract(type.getModifiers()))
          .filter(type -> local.stream().noneMatch(other -> other.isAssignableFrom(type)))
          .<Class<?>>map(type -> type)
          .toList();
    }
  }

  private static Class<?> load(String classFile, ClassLoader loader) {
    String name = classFile.substring(0, classFile.length() - ".class".length()).replace('/', '.');
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }
}
