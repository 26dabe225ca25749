package io.sampo.cluster.serialization;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
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
  private ControlMessageRoundTrip() {}

  /**
   * A test per control message among the classes that were compiled together with one of them.
   *
   * @param testKit its configuration is the one tested
   */
  public static Stream<DynamicTest> ofAllCompiledWith(Class<?> neighbour, ActorTestKit testKit)
      throws IOException, URISyntaxException {
    List<Class<?>> types = controlMessages(neighbour);
    assertThat(types).as("control messages beside %s", neighbour).isNotEmpty();
    return types.stream()
        .map(
            type ->
                DynamicTest.dynamicTest(
                    type.getName(),
                    () -> {
                      assertComesBack(type, testKit, false);
                      assertComesBack(type, testKit, true);
                    }));
  }

  private static void assertComesBack(Class<?> type, ActorTestKit testKit, boolean withNulls)
      throws ReflectiveOperationException, IOException {
    Object message = new SampleRecords(testKit.createTestProbe().getRef(), withNulls).of(type);
    Serialization serialization = SerializationExtension.get(testKit.system());
    Serializer serializer = serialization.serializerFor(type);
    assertThat(serializer)
        .as("the serializer of %s", type)
        .isInstanceOf(JacksonCborSerializer.class);

    byte[] bytes = serialization.serialize(message).get();
    Object back =
        serialization
            .deserialize(
                bytes, serializer.identifier(), Serializers.manifestFor(serializer, message))
            .get();

    assertThat(back).isEqualTo(message);
  }

  private static List<Class<?>> controlMessages(Class<?> neighbour)
      throws IOException, URISyntaxException {
    Path root = Path.of(neighbour.getProtectionDomain().getCodeSource().getLocation().toURI());
    ClassLoader loader = Objects.requireNonNull(neighbour.getClassLoader());
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .map(file -> load(root.relativize(file).toString(), loader))
          .filter(ControlMessage.class::isAssignableFrom)
          .filter(type -> !type.isInterface() && !Modifier.isAbstract(type.getModifiers()))
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
