package io.sampo.cluster.serialization;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * Makes an instance of any record for tests, with a different value in every component so that
 * swapped ones show. A type it doesn't know is an error, so that nobody thinks it was tested.
 */
final class SampleRecords {
  /** Where any message may stand. */
  record Inner(String text) implements ControlMessage {}

  private final ActorRef<?> actor;
  private final boolean withNulls;
  private int distinct;

  /**
   * @param actor what every actor reference in a sample is
   * @param withNulls whether components that may be null are
   */
  SampleRecords(ActorRef<?> actor, boolean withNulls) {
    this.actor = actor;
    this.withNulls = withNulls;
  }

  Object of(Class<?> type) throws ReflectiveOperationException {
    if (type.isEnum()) {
      Object[] constants = type.getEnumConstants();
      return constants[distinct++ % constants.length];
    }
    if (!type.isRecord()) {
      throw new AssertionError(type + " is neither a record nor an enum");
    }
    RecordComponent[] components = type.getRecordComponents();
    @Nullable Object[] values = new @Nullable Object[components.length];
    for (int i = 0; i < components.length; i++) {
      values[i] =
          withNulls && mayBeNull(components[i].getAnnotatedType())
              ? null
              : value(components[i].getGenericType());
    }
    Constructor<?> canonical =
        type.getDeclaredConstructor(
            Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
    canonical.setAccessible(true);
    return canonical.newInstance(values);
  }

  private static boolean mayBeNull(AnnotatedType type) {
    return type.isAnnotationPresent(Nullable.class);
  }

  private Object value(Type type) throws ReflectiveOperationException {
    distinct++;
    if (type instanceof ParameterizedType generic) {
      return genericValue((Class<?>) generic.getRawType(), generic.getActualTypeArguments());
    }
    Class<?> plain = (Class<?>) type;
    if (plain == String.class) {
      return "text %RETRY% ä " + distinct;
    } else if (plain == int.class || plain == Integer.class) {
      return distinct;
    } else if (plain == long.class || plain == Long.class) {
      return Long.MAX_VALUE - distinct;
    } else if (plain == boolean.class || plain == Boolean.class) {
      return distinct % 2 == 0;
    } else if (plain == double.class || plain == Double.class) {
      return distinct + 0.25;
    } else if (plain == Duration.class) {
      return Duration.ofMillis(distinct);
    } else if (plain == Instant.class) {
      return Instant.ofEpochMilli(distinct);
    } else if (plain == long[].class) {
      return new long[] {distinct, Long.MAX_VALUE};
    } else if (plain == int[].class) {
      return new int[] {distinct, Integer.MIN_VALUE};
    } else if (plain == ControlMessage.class) {
      return new Inner("text " + distinct);
    } else if (plain.isAnnotationPresent(JsonDeserialize.class)) {
      return of(plain.getAnnotation(JsonDeserialize.class).as());
    } else if (plain.isSealed()) {
      return of(plain.getPermittedSubclasses()[0]);
    }
    return of(plain);
  }

  private Object genericValue(Class<?> raw, Type[] arguments) throws ReflectiveOperationException {
    if (ActorRef.class.isAssignableFrom(raw)) {
      return actor;
    } else if (raw.isAnnotationPresent(JsonDeserialize.class)) {
      return of(raw.getAnnotation(JsonDeserialize.class).as());
    } else if (raw == List.class || raw == Collection.class) {
      return twoOf(arguments[0]);
    } else if (raw == Set.class) {
      return Set.copyOf(twoOf(arguments[0]));
    } else if (raw == Map.class) {
      List<Object> keys = twoOf(arguments[0]);
      List<Object> values = twoOf(arguments[1]);
      return Map.of(keys.get(0), values.get(0), keys.get(1), values.get(1));
    } else if (raw == Optional.class) {
      return Optional.of(value(arguments[0]));
    }
    throw new AssertionError("no sample of " + raw + " is known, add one here");
  }

  private List<Object> twoOf(Type type) throws ReflectiveOperationException {
    return List.of(value(type), value(type));
  }
}
