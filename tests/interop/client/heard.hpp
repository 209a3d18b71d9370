#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace interop {

/// What callbacks were told, in order. A copy is another handle: callbacks may outlive a check.
template <class T>
class Heard {
 public:
  void add(T value) const {
    const std::lock_guard lock(shared_->mutex);
    shared_->values.push_back(std::move(value));
  }
  std::size_t size() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->values.size();
  }
  std::vector<T> all() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->values;
  }
  std::vector<T> take() const {
    const std::lock_guard lock(shared_->mutex);
    return std::exchange(shared_->values, {});
  }

 private:
  struct Shared {
    std::mutex mutex;
    std::vector<T> values;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace interop
